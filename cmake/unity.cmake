# recur_compile_together(TARGET COUNT): sources of one folder are compiled COUNT at a time, which reads the headers that
# they share once: half the processor time of a build. Where RECUR_UNITY_BUILD is off each is compiled alone, which finds
# missing includes and is quicker after a small change. For this, names in unnamed namespaces are unique in a folder.
function(recur_compile_together target count)
  if(NOT RECUR_UNITY_BUILD)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  foreach(source ${sources})
    get_filename_component(folder ${source} ABSOLUTE)
    get_filename_component(folder ${folder} DIRECTORY)
    file(RELATIVE_PATH folder ${CMAKE_CURRENT_SOURCE_DIR} ${folder})
    string(MAKE_C_IDENTIFIER "x${folder}" name)
    if(NOT DEFINED files_${name})
      set(files_${name} 0)
    endif()
    math(EXPR part "${files_${name}} / ${count}")
    math(EXPR files_${name} "${files_${name}} + 1")
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${name}_${part})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  # g++ takes what is included for headers, in which classes with members of unnamed namespaces would be a fault.
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endfunction()
