#include "recur/base/version.h"

namespace recur {

const char* version() { return RECUR_VERSION; }

}  // namespace recur
