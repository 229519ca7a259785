// Long work that Ctrl-C ends.
#pragma once

#include <atomic>
#include <functional>

#include "binding.h"

namespace recur::python {

// Does the work on a thread of its own while the caller waits without the GIL, so that the work never waits for Python,
// and looks for signals ten times a second or more. On Ctrl-C `stop` becomes true, the work is waited for, and
// KeyboardInterrupt follows. `meanwhile`, if any, is called with the GIL at each look; what it throws ends the work the
// same way. What the work throws is thrown here. REQUIRES: the GIL.
void run_interruptibly(std::atomic<bool>& stop, const std::function<void()>& work,
                       const std::function<void()>& meanwhile = {});

}  // namespace recur::python
