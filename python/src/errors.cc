// Errors and messages of the library.
#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

#include "binding.h"
#include "messages.h"
#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/base/stop.h"

namespace recur::python {
namespace {

struct Message {
  LogLevel level;
  std::string text;
};

std::mutex mutex;
std::vector<Message>& waiting() {
  static auto& list = *new std::vector<Message>;  // threads may speak while the process ends
  return list;
}

void keep(LogLevel level, std::string_view text) {
  const std::lock_guard lock(mutex);
  waiting().push_back({level, std::string(text)});
}

}  // namespace

void deliver_messages() noexcept {
  std::vector<Message> messages;
  {
    const std::lock_guard lock(mutex);
    messages.swap(waiting());
  }
  if (messages.empty()) return;
  try {
    const nb::error_scope scope;  // an error that is on its way to Python stays
    const nb::object logger = nb::module_::import_("logging").attr("getLogger")("recur");
    for (const Message& each : messages) {
      // A name in a message may be of bytes that are no UTF-8.
      const nb::object text =
          nb::steal(PyUnicode_DecodeUTF8(each.text.data(), Py_ssize_t(each.text.size()), "replace"));
      logger.attr(each.level == LogLevel::kWarning ? "warning" : "info")("%s", text);
    }
  } catch (nb::python_error& error) {  // a handler of the user's: not a fault of the work that is done
    error.discard_as_unraisable("recur: a handler of log messages");
  } catch (...) {
  }
}

void bind_errors(nb::module_& m) {
  set_log_sink(keep);

  auto error = nb::exception<Error>(m, "Error", PyExc_RuntimeError);
  error.attr("__module__") = "recur";
  error.attr("__doc__") =
      "What was asked for cannot be done: a file that cannot be read, shapes that do not fit, a loss that became NaN.";
  auto usage = nb::exception<UsageError>(m, "UsageError", nb::make_tuple(error, nb::handle(PyExc_ValueError)));
  usage.attr("__module__") = "recur";
  usage.attr("__doc__") =
      "The request itself is wrong: an unknown option, task or key. It is a ValueError and a recur.Error.";
  nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
    try {
      std::rethrow_exception(thrown);
    } catch (const Stopped&) {
      PyErr_SetNone(PyExc_KeyboardInterrupt);
    }
  });
}

}  // namespace recur::python
