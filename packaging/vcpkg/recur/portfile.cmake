# UNTESTED: written by the documentation of vcpkg, and never built. As an overlay port of a checkout:
#   vcpkg install recur --overlay-ports=packaging/vcpkg
set(SOURCE_PATH ${CMAKE_CURRENT_LIST_DIR}/../../..)

vcpkg_check_features(OUT_FEATURE_OPTIONS options FEATURES
  keras RECUR_USE_HDF5
  program RECUR_BUILD_PROGRAM)
vcpkg_find_acquire_program(PKGCONFIG)
vcpkg_cmake_configure(SOURCE_PATH ${SOURCE_PATH}
  OPTIONS ${options} -DRECUR_BUILD_TESTS=OFF -DRECUR_UNITY_BUILD=ON -DPKG_CONFIG_EXECUTABLE=${PKGCONFIG})
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(PACKAGE_NAME Recur CONFIG_PATH lib/cmake/Recur)
vcpkg_fixup_pkgconfig()
if("program" IN_LIST FEATURES)
  vcpkg_copy_tools(TOOL_NAMES recur AUTO_CLEAN)
endif()
file(REMOVE_RECURSE ${CURRENT_PACKAGES_DIR}/debug/include ${CURRENT_PACKAGES_DIR}/debug/share)
vcpkg_install_copyright(FILE_LIST ${SOURCE_PATH}/LICENSE)
