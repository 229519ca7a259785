// Predictions while bytes are still arriving.
#pragma once

#include "recur/tasks/session.h"

namespace recur {

// A session whose chunks are not lines but bytes, cut anywhere.
class ByteSession : public Session {
 public:
  // Behind the last chunk: writes what was waiting for more. Throws Error where the data must not end here.
  virtual void finish(Sink& out) = 0;
};

}  // namespace recur
