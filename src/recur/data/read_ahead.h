// Things made by a thread before they are asked for.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace recur::internal {

// The thread calls make() again and again, as long as fewer than `most` items wait; it sleeps when there are enough. An
// exception of make() ends the thread and is thrown by next(), once the items before it are taken, and by every call
// after it.
template <class Item>
class ReadAhead {
 public:
  // make(stopping) may give up, with whatever item, when `stopping` becomes true.
  using Make = std::function<Item(const std::atomic<bool>& stopping)>;

  ReadAhead(size_t most, Make make) : most_(most), make_(std::move(make)), thread_([this] { run(); }) {}
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;
  ~ReadAhead() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  Item next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !items_.empty() || error_; });
    if (items_.empty()) std::rethrow_exception(error_);
    Item item = std::move(items_.front());
    items_.pop_front();
    lock.unlock();
    changed_.notify_all();
    return item;
  }

 private:
  void run() {
    while (wait_for_room()) {
      std::optional<Item> item;
      std::exception_ptr error;
      try {
        item.emplace(make_(stopping_));
      } catch (...) {
        error = std::current_exception();
      }
      {
        const std::lock_guard lock(mutex_);
        if (item) items_.push_back(std::move(*item));
        error_ = error;
      }
      changed_.notify_all();
      if (error) return;
    }
  }

  // False when there is to be no more.
  bool wait_for_room() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return items_.size() < most_ || stopping_; });
    return !stopping_;
  }

  const size_t most_;
  const Make make_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> items_;
  std::exception_ptr error_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace recur::internal
