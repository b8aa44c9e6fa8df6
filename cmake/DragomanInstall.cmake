# cmake --install: headers, libraries, and a package that find_package(dragoman) reads.
#
# Each module is its own export set, so an application that asks for one component loads that module,
# what stands below it, and the third-party packages of these, and nothing else.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(DRAGOMAN_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/dragoman)

# The find_dependency() line that a third-party target needs in the installed package.
function(dragoman_find_dependency link out)
  set(line "")
  if(link MATCHES "^(absl|CURL|Protobuf|OpenSSL|Threads|GTest|SQLite3)::")
    set(line "find_dependency(${CMAKE_MATCH_1})")
  elseif(link MATCHES "^protobuf::")
    set(line "find_dependency(Protobuf)")
  elseif(link MATCHES "^SQLite::")
    set(line "find_dependency(SQLite3)")
  elseif(link MATCHES "^PkgConfig::(.*)$")
    string(TOLOWER ${CMAKE_MATCH_1} package)
    string(REPLACE "_" "-" package ${package})
    if(package STREQUAL "gmime")
      set(package gmime-3.0)  # its name carries the version
    endif()
    set(line "find_dependency(PkgConfig)\n  if(NOT TARGET ${link})\n    pkg_check_modules(${CMAKE_MATCH_1} REQUIRED IMPORTED_TARGET ${package})\n  endif()")
  elseif(link MATCHES "^([A-Za-z0-9_]+)::")
    message(FATAL_ERROR "cmake/DragomanInstall.cmake does not know the package of ${link}")
  endif()
  set(${out} "${line}" PARENT_SCOPE)
endfunction()

get_property(modules GLOBAL PROPERTY DRAGOMAN_MODULES)
set(DRAGOMAN_COMPONENTS)
set(DRAGOMAN_COMPONENT_BLOCKS "")
foreach(module ${modules})
  dragoman_target(${module} target)
  string(REPLACE "/" "_" flat ${module})
  list(APPEND DRAGOMAN_COMPONENTS ${flat})

  install(TARGETS ${target} EXPORT dragoman-${flat}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT dragoman-${flat} NAMESPACE dragoman:: DESTINATION ${DRAGOMAN_PACKAGE_DIR})
  if(EXISTS ${PROJECT_SOURCE_DIR}/include/dragoman/${module})
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/dragoman/${module}/
      DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/dragoman/${module} FILES_MATCHING PATTERN "*.h")
  endif()

  get_property(below GLOBAL PROPERTY DRAGOMAN_DEPENDS_${module})
  list(TRANSFORM below REPLACE "/" "_")
  get_property(links GLOBAL PROPERTY DRAGOMAN_LINKS_${module})
  set(lines)
  foreach(link ${links})
    dragoman_find_dependency(${link} line)
    if(line AND NOT line IN_LIST lines)
      list(APPEND lines "${line}")
    endif()
  endforeach()
  string(APPEND DRAGOMAN_COMPONENT_BLOCKS
    "set(_dragoman_below_${flat} ${below})\nmacro(_dragoman_needs_${flat})\n")
  foreach(line ${lines})
    string(APPEND DRAGOMAN_COMPONENT_BLOCKS "  ${line}\n")
  endforeach()
  string(APPEND DRAGOMAN_COMPONENT_BLOCKS "endmacro()\n")
endforeach()

foreach(program dragoman dragoman-caller dragoman-flite-render)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  endif()
endforeach()

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/dragomanConfig.cmake.in
  ${PROJECT_BINARY_DIR}/dragomanConfig.cmake
  INSTALL_DESTINATION ${DRAGOMAN_PACKAGE_DIR} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/dragomanConfigVersion.cmake
  VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/dragomanConfig.cmake ${PROJECT_BINARY_DIR}/dragomanConfigVersion.cmake
  DESTINATION ${DRAGOMAN_PACKAGE_DIR})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
