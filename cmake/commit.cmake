# The commit that the program is built from, in one small source that changes with it: cli/commit.h declares it.
# recur_write_commit(TARGET) adds that source to TARGET; it is looked after in every build, and written when it differs.

if(CMAKE_SCRIPT_MODE_FILE)  # cmake -DSOURCE=... -DOUTPUT=... -P commit.cmake
  cmake_minimum_required(VERSION 3.25)
  set(commit unknown)
  file(STRINGS ${SOURCE}/cmake/commit.txt archived LIMIT_COUNT 1)
  if(archived MATCHES "^[0-9a-f]+$")  # git archive has put it there
    set(commit ${archived})
  elseif(EXISTS ${SOURCE}/.git)  # not of a repository that the sources lie in by chance
    execute_process(COMMAND git -C ${SOURCE} describe --always --exclude=* --abbrev=12 --dirty=+changes
      OUTPUT_VARIABLE described RESULT_VARIABLE failed ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(NOT failed)
      set(commit ${described})
    endif()
  endif()
  file(CONFIGURE OUTPUT ${OUTPUT} CONTENT [[
#include "cli/commit.h"

namespace recur::cli {

const char* commit() { return "@commit@"; }

}  // namespace recur::cli
]] @ONLY)
  return()
endif()

set(RECUR_COMMIT_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

function(recur_write_commit target)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/commit.cc)
  add_custom_target(${target}_commit BYPRODUCTS ${source} VERBATIM
    COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DOUTPUT=${source} -P ${RECUR_COMMIT_SCRIPT})
  target_sources(${target} PRIVATE ${source})
  set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON SKIP_PRECOMPILE_HEADERS ON)
  add_dependencies(${target} ${target}_commit)
endfunction()
