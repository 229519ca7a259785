#include "recur/base/version.h"

namespace recur {

const char* version() { return "0.1.0"; }

}  // namespace recur
