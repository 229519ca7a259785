// The version of the library, the one in CMakeLists.txt.
#pragma once

namespace recur {

const char* version();

}  // namespace recur
