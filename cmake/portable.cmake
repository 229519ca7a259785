# For a program that other distributions run too (RECUR_PORTABLE): the libraries that Debian has as archives are linked
# in; of others, the shared ones travel beside the program (tools/package.sh), in lib/recur.
if(NOT RECUR_PORTABLE)
  return()
endif()

# The archive beside a shared library, where there is one.
function(recur_archives variable)
  set(found "")
  foreach(library ${ARGN})
    string(REGEX REPLACE "\\.so$" ".a" archive "${library}")
    if(library MATCHES "\\.so$" AND EXISTS ${archive})
      set(library ${archive})
    endif()
    list(APPEND found ${library})
  endforeach()
  set(${variable} ${found} PARENT_SCOPE)
endfunction()

get_target_property(unpack PkgConfig::UNPACK INTERFACE_LINK_LIBRARIES)
recur_archives(unpack ${unpack})
set_target_properties(PkgConfig::UNPACK PROPERTIES INTERFACE_LINK_LIBRARIES "${unpack}")
foreach(name PNG JPEG)
  recur_archives(${name}_LINK_LIBRARIES ${${name}_LINK_LIBRARIES})
endforeach()
list(APPEND PNG_LINK_LIBRARIES ${unpack} m)  # an archive stands before those that it needs

# The path goes for the libraries of libraries too, which the newer tag does not.
add_link_options(-Wl,--disable-new-dtags)
