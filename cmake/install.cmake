# Installs headers, libraries and program, and what find_package(Recur) reads.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(RECUR_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/Recur)
set(RECUR_INSTALLED recur)
if(TARGET recur_train)
  list(APPEND RECUR_INSTALLED recur_train)
  set_target_properties(recur_train PROPERTIES EXPORT_NAME train)
endif()
set_target_properties(${RECUR_INSTALLED} PROPERTIES
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})

install(TARGETS ${RECUR_INSTALLED} EXPORT RecurTargets)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/src/recur DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
if(TARGET recur_program)
  file(RELATIVE_PATH RECUR_LIB_FROM_BIN /${CMAKE_INSTALL_BINDIR} /${CMAKE_INSTALL_LIBDIR})
  set_target_properties(recur_program PROPERTIES INSTALL_RPATH "$ORIGIN/${RECUR_LIB_FROM_BIN}")
  install(TARGETS recur_program)
endif()

install(EXPORT RecurTargets NAMESPACE recur:: DESTINATION ${RECUR_PACKAGE_DIR})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/RecurConfig.cmake.in ${PROJECT_BINARY_DIR}/RecurConfig.cmake
  INSTALL_DESTINATION ${RECUR_PACKAGE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/RecurConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/RecurConfig.cmake ${PROJECT_BINARY_DIR}/RecurConfigVersion.cmake
  DESTINATION ${RECUR_PACKAGE_DIR})
