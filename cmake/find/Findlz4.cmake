# SPDX-License-Identifier: Apache-2.0
# Finds lz4 where no CMake package of its own is installed; gives LZ4::lz4, lz4_FOUND and lz4_VERSION.
find_package(PkgConfig QUIET)
if(PKG_CONFIG_FOUND)
  pkg_check_modules(PC_lz4 QUIET liblz4)
endif()
find_path(lz4_INCLUDE_DIR NAMES lz4frame.h HINTS ${PC_lz4_INCLUDE_DIRS})
find_library(lz4_LIBRARY NAMES lz4 HINTS ${PC_lz4_LIBRARY_DIRS})
set(lz4_VERSION "${PC_lz4_VERSION}")
mark_as_advanced(lz4_INCLUDE_DIR lz4_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(lz4 REQUIRED_VARS lz4_LIBRARY lz4_INCLUDE_DIR VERSION_VAR lz4_VERSION)
if(lz4_FOUND AND NOT TARGET LZ4::lz4)
  add_library(LZ4::lz4 UNKNOWN IMPORTED)
  set_target_properties(LZ4::lz4 PROPERTIES IMPORTED_LOCATION "${lz4_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${lz4_INCLUDE_DIR}")
endif()
