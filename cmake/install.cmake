# Installs headers, libraries and program, and what find_package(Recur) and pkg-config read. In three components, which
# are three Debian packages: program, library, development.
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
if(BUILD_SHARED_LIBS AND CMAKE_SYSTEM_NAME STREQUAL Linux)
  # What the libraries have of others' templates stays theirs.
  set(RECUR_EXPORTED_SYMBOLS ${CMAKE_CURRENT_LIST_DIR}/exported_symbols.map)
  foreach(target ${RECUR_INSTALLED})
    target_link_options(${target} PRIVATE LINKER:--version-script=${RECUR_EXPORTED_SYMBOLS})
    set_target_properties(${target} PROPERTIES LINK_DEPENDS ${RECUR_EXPORTED_SYMBOLS})
  endforeach()
endif()

install(TARGETS ${RECUR_INSTALLED} EXPORT RecurTargets
  LIBRARY COMPONENT library NAMELINK_COMPONENT development
  ARCHIVE COMPONENT development)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/src/recur DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development
  FILES_MATCHING PATTERN "*.h")
install(EXPORT RecurTargets NAMESPACE recur:: DESTINATION ${RECUR_PACKAGE_DIR} COMPONENT development)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/RecurConfig.cmake.in ${PROJECT_BINARY_DIR}/RecurConfig.cmake
  INSTALL_DESTINATION ${RECUR_PACKAGE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/RecurConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/RecurConfig.cmake ${PROJECT_BINARY_DIR}/RecurConfigVersion.cmake
  DESTINATION ${RECUR_PACKAGE_DIR} COMPONENT development)

# --- pkg-config: recur, and recur-train for programs that train with the generic loop ---
# What a static library needs besides, which pkg-config --static gives. Flags, not modules: those would have to be
# installed by who links the shared library too.
set(RECUR_PRIVATE_LIBRARIES ${HWY_LDFLAGS} ${SENTENCEPIECE_LDFLAGS} ${UNPACK_LDFLAGS} -ltomlplusplus ${SNDFILE_LDFLAGS}
  ${PNG_LDFLAGS} ${JPEG_LDFLAGS} ${HDF5_LDFLAGS} -pthread)
list(REMOVE_DUPLICATES RECUR_PRIVATE_LIBRARIES)
list(JOIN RECUR_PRIVATE_LIBRARIES " " RECUR_PRIVATE_LIBRARIES)
set(RECUR_PC_PREFIX ${CMAKE_INSTALL_PREFIX})
if(NOT RECUR_DEBIAN)  # wherever it is put
  file(RELATIVE_PATH up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
  set(RECUR_PC_PREFIX "\${pcfiledir}/${up}")
endif()
foreach(name recur recur-train)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/${name}.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
endforeach()

# --- the program, with its man pages and completion, which it writes itself ---
if(TARGET recur_program)
  if(RECUR_PORTABLE)
    set(RECUR_LIBRARIES_FROM_BIN ../lib/recur)
  else()
    file(RELATIVE_PATH RECUR_LIBRARIES_FROM_BIN /${CMAKE_INSTALL_BINDIR} /${CMAKE_INSTALL_LIBDIR})
  endif()
  set_target_properties(recur_program PROPERTIES INSTALL_RPATH "$ORIGIN/${RECUR_LIBRARIES_FROM_BIN}")
  install(TARGETS recur_program COMPONENT program)
endif()
if(TARGET recur_program AND NOT CMAKE_CROSSCOMPILING)
  set(docs ${PROJECT_BINARY_DIR}/program_docs)
  set(date "")
  if(DEFINED ENV{SOURCE_DATE_EPOCH})
    string(TIMESTAMP today %Y-%m-%d UTC)  # it means SOURCE_DATE_EPOCH
    set(date --date ${today})
  endif()
  add_custom_command(OUTPUT ${docs}/made VERBATIM DEPENDS recur_program
    COMMAND ${CMAKE_COMMAND} -E make_directory ${docs}
    COMMAND recur_program docs man --out ${docs}/man ${date}
    COMMAND recur_program docs completion bash > ${docs}/recur
    COMMAND recur_program docs completion zsh > ${docs}/_recur
    COMMAND recur_program docs completion fish > ${docs}/recur.fish
    COMMAND ${CMAKE_COMMAND} -E touch ${docs}/made)
  add_custom_target(recur_program_docs ALL DEPENDS ${docs}/made)
  set(RECUR_ZSH_DIR ${CMAKE_INSTALL_DATADIR}/zsh/site-functions CACHE STRING "Where completion of zsh is installed")
  install(DIRECTORY ${docs}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program FILES_MATCHING PATTERN "*.1")
  install(FILES ${docs}/recur DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT program)
  install(FILES ${docs}/_recur DESTINATION ${RECUR_ZSH_DIR} COMPONENT program)
  install(FILES ${docs}/recur.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT program)
endif()
