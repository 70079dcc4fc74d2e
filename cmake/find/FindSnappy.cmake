# SPDX-License-Identifier: Apache-2.0
# Finds Snappy where no CMake package of its own is installed; gives Snappy::snappy, Snappy_FOUND and Snappy_VERSION.
find_package(PkgConfig QUIET)
if(PKG_CONFIG_FOUND)
  pkg_check_modules(PC_Snappy QUIET snappy)
endif()
find_path(Snappy_INCLUDE_DIR NAMES snappy.h HINTS ${PC_Snappy_INCLUDE_DIRS})
find_library(Snappy_LIBRARY NAMES snappy HINTS ${PC_Snappy_LIBRARY_DIRS})
set(Snappy_VERSION "${PC_Snappy_VERSION}")
mark_as_advanced(Snappy_INCLUDE_DIR Snappy_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Snappy REQUIRED_VARS Snappy_LIBRARY Snappy_INCLUDE_DIR VERSION_VAR Snappy_VERSION)
if(Snappy_FOUND AND NOT TARGET Snappy::snappy)
  add_library(Snappy::snappy UNKNOWN IMPORTED)
  set_target_properties(Snappy::snappy PROPERTIES IMPORTED_LOCATION "${Snappy_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${Snappy_INCLUDE_DIR}")
endif()
