// Work that may crash, such as that of a foreign library on a hostile file, in a process of its own.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace recur {

// What `work` returns in a child of this process, whose memory it sees as it is now; nothing that it changes is seen
// here. An Error that it throws is thrown here. A child that dies, or takes longer than the limit, is an Error that
// begins with `what`. `work` may not wait for other threads: the child has none.
std::string in_child_process(const std::function<std::string()>& work, std::string_view what,
                             std::chrono::seconds limit);

}  // namespace recur
