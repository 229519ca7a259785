# What cpack makes of a build with RECUR_DEBIAN: the Debian packages recur, librecurX.Y and librecur-dev. tools/package.sh
# configures, builds and runs it. Two builds give the same bytes: every date is SOURCE_DATE_EPOCH.
if(NOT RECUR_DEBIAN)
  return()
endif()

set(RECUR_PACKAGE_CONTACT "The Recur authors <recur@example.org>" CACHE STRING
  "Maintainer of the packages: who gives them to others puts their own name here")
set(soname ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
set(revision 1)
set(exactly "= ${PROJECT_VERSION}-${revision}")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME recur)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT ${RECUR_PACKAGE_CONTACT})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL program library development)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE ${revision})
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/src/recur)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME recur)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS "librecur${soname} (${exactly})")
set(CPACK_DEBIAN_PROGRAM_DESCRIPTION "recurrent neural networks on sequences
Recur trains, evaluates, explains and runs recurrent neural networks on
texts, series, sounds and pictures, from one command line: language models,
classification, tagging, forecasting, anomaly detection, translation, speech.
It is one native program without Python and without a large framework.")

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME librecur${soname})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/packaging/debian/triggers)
set(CPACK_DEBIAN_LIBRARY_DESCRIPTION "recurrent neural networks on sequences (shared library)
The library of Recur: tensors with gradients of any order, recurrent layers
that train and stream fast, tasks from data to a model file.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME librecur-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "librecur${soname} (${exactly}), libfmt-dev")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "recurrent neural networks on sequences (development files)
Headers of the library of Recur, and what CMake and pkg-config read to build
programs with it.")

# --- what Debian wants in each package besides ---
set(files ${PROJECT_BINARY_DIR}/debian)
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${files}/changelog.Debian "recur (${PROJECT_VERSION}-${revision}) unstable; urgency=medium

  * Built from the sources; changelog.gz has the changes.

 -- ${RECUR_PACKAGE_CONTACT}  ${date}
")
configure_file(${PROJECT_SOURCE_DIR}/CHANGELOG.md ${files}/changelog COPYONLY)
execute_process(COMMAND gzip -9nf ${files}/changelog.Debian ${files}/changelog COMMAND_ERROR_IS_FATAL ANY)
foreach(component program library development)
  string(TOUPPER ${component} upper)
  install(FILES ${PROJECT_SOURCE_DIR}/packaging/debian/copyright ${files}/changelog.Debian.gz ${files}/changelog.gz
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${CPACK_DEBIAN_${upper}_PACKAGE_NAME} COMPONENT ${component})
endforeach()

# After the files are laid out, and before they are packed.
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/package_files.cmake)
include(CPack)
