#include "recur/exchange/torch/pickle.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "recur/base/error.h"

namespace recur::torch {

namespace {
constexpr size_t kMostValues = 4'000'000, kMostText = 1 << 20;
using Kind = PickleValue::Kind;
}  // namespace

// The stack machine of Python's pickletools.py, protocols 2 to 5: of its opcodes those that torch.save and plain data
// need. A null on the stack is a mark.
class PickleReader {
 public:
  PickleReader(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  Pickle read() {
    if (number(1) != 0x80) fail_here("expected a pickle of protocol 2 or later");
    const uint64_t protocol = number(1);
    if (protocol < 2 || protocol > 5) fail_here(fmt::format("expected a pickle of protocol 2 to 5, got {}", protocol));
    while (step()) {
    }
    pickle_.root_ = pop();
    return std::move(pickle_);
  }

 private:
  [[noreturn]] void fail_here(std::string_view what) const { fail("{}: byte {}: {}", name_, at_, what); }

  // --- bytes ---
  std::string_view take(uint64_t count) {
    if (count > bytes_.size() - at_) fail_here("the pickle is cut off");
    const std::string_view part = bytes_.substr(at_, static_cast<size_t>(count));
    at_ += static_cast<size_t>(count);
    return part;
  }
  uint64_t number(size_t count) {
    uint64_t value = 0;
    const std::string_view part = take(count);
    for (size_t i = 0; i < count; ++i) value |= uint64_t{static_cast<unsigned char>(part[i])} << (8 * i);
    return value;
  }
  std::string_view line() {
    const size_t end = bytes_.find('\n', at_);
    if (end == std::string_view::npos) fail_here("the pickle is cut off");
    const std::string_view part = take(end - at_);
    take(1);
    return part;
  }

  // --- values ---
  PickleValue* make(Kind kind) {
    if (pickle_.values_.size() >= kMostValues) fail_here(fmt::format("more than {} values", kMostValues));
    pickle_.values_.push_back(std::make_unique<PickleValue>());
    pickle_.values_.back()->kind = kind;
    return pickle_.values_.back().get();
  }
  void push(PickleValue* value) { stack_.push_back(value); }
  void push_integer(int64_t value, Kind kind = Kind::kInteger) {
    push(make(kind));
    stack_.back()->integer = value;
  }
  void push_text(uint64_t length) {
    if (length > kMostText) fail_here(fmt::format("a text of {} bytes", length));
    push(make(Kind::kText));
    stack_.back()->text = take(length);
  }
  PickleValue* pop() {
    PickleValue* value = top();
    stack_.pop_back();
    return value;
  }
  PickleValue* top() const {
    if (stack_.empty() || stack_.back() == nullptr) fail_here("a value is missing");
    return stack_.back();
  }
  std::vector<PickleValue*> pop_to_mark() {
    const auto mark = std::find(stack_.rbegin(), stack_.rend(), nullptr);
    if (mark == stack_.rend()) fail_here("a mark is missing");
    std::vector<PickleValue*> items(mark.base(), stack_.end());
    stack_.erase(mark.base() - 1, stack_.end());
    return items;
  }
  std::vector<PickleValue*> pop_many(size_t count) {
    std::vector<PickleValue*> items(count);
    for (size_t i = count; i > 0; --i) items[i - 1] = pop();
    return items;
  }
  void push_list(std::vector<PickleValue*> items) {
    push(make(Kind::kList));
    stack_.back()->items = std::move(items);
  }
  void append(const std::vector<PickleValue*>& items) {
    top()->items.insert(top()->items.end(), items.begin(), items.end());
  }
  // Adds keys and values in turn to the dict on the stack; of an object of any class what it holds does not matter.
  void add_members(const std::vector<PickleValue*>& items) {
    if (items.size() % 2 != 0) fail_here("a key has no value");
    if (top()->kind != Kind::kDict) return;
    for (size_t i = 0; i < items.size(); i += 2) top()->members.emplace_back(items[i], items[i + 1]);
  }
  void push_class(std::string_view module, std::string_view name) {
    push(make(Kind::kClass));
    stack_.back()->text = fmt::format("{}.{}", module.substr(0, 200), name.substr(0, 200));
  }

  // --- torch's own ---
  int64_t integer_of(const PickleValue* value) const {
    if (value->kind != Kind::kInteger) fail_here("expected an integer in a tensor");
    return value->integer;
  }
  std::vector<int64_t> integers_of(const PickleValue* value) const {
    std::vector<int64_t> out;
    if (value->kind != Kind::kList) fail_here("expected a tuple of sizes in a tensor");
    for (const PickleValue* each : value->items) out.push_back(integer_of(each));
    return out;
  }
  // ('storage', torch.FloatStorage, '0', 'cpu', 48)
  void storage() {
    const PickleValue* id = pop();
    if (id->kind != Kind::kList || id->items.size() != 5 || id->items[0]->text != "storage" ||
        id->items[1]->kind != Kind::kClass || id->items[2]->kind != Kind::kText) {
      fail_here("expected a storage of torch");
    }
    PickleValue* value = make(Kind::kStorage);
    value->tensor.dtype = id->items[1]->text.substr(id->items[1]->text.rfind('.') + 1);
    value->tensor.key = id->items[2]->text;
    value->tensor.stored = integer_of(id->items[4]);
    push(value);
  }
  // (storage, offset, shape, strides, ...)
  void tensor(const std::vector<PickleValue*>& arguments) {
    if (arguments.size() < 4 || arguments[0]->kind != Kind::kStorage) fail_here("expected the storage of a tensor");
    PickleValue* value = make(Kind::kTensor);
    value->tensor = arguments[0]->tensor;
    value->tensor.offset = integer_of(arguments[1]);
    value->tensor.shape = integers_of(arguments[2]);
    value->tensor.strides = integers_of(arguments[3]);
    push(value);
  }
  // Calls `what` with `arguments`, as far as its result matters here.
  void reduce(const PickleValue* what, const PickleValue* arguments) {
    if (what->kind != Kind::kClass && what->kind != Kind::kObject) fail_here("expected a class to call");
    if (arguments->kind != Kind::kList) fail_here("expected arguments");
    const std::string& name = what->text;
    if (name == "collections.OrderedDict" || name == "builtins.dict") return push(make(Kind::kDict));
    if (name == "torch._utils._rebuild_tensor_v2" || name == "torch._utils._rebuild_tensor") {
      return tensor(arguments->items);
    }
    if ((name == "torch._utils._rebuild_parameter" || name == "torch._utils._rebuild_parameter_with_state") &&
        !arguments->items.empty()) {
      return push(arguments->items.front());
    }
    push(make(Kind::kObject));
    stack_.back()->text = name;
  }

  // --- the machine ---
  void put(uint64_t index) { memo_[index] = top(); }
  void get(uint64_t index) {
    const auto found = memo_.find(index);
    if (found == memo_.end()) fail_here(fmt::format("nothing is remembered as {}", index));
    push(found->second);
  }
  void long_integer(uint64_t length) {
    const std::string_view digits = take(length);
    if (length > 8) return push(make(Kind::kObject));  // longer than any size
    uint64_t value = !digits.empty() && static_cast<unsigned char>(digits.back()) >= 0x80 ? ~uint64_t{0} : 0;
    for (size_t i = digits.size(); i > 0; --i) value = value << 8 | static_cast<unsigned char>(digits[i - 1]);
    push_integer(static_cast<int64_t>(value));
  }
  void real() {  // big endian
    uint64_t bits = 0;
    for (const char c : take(8)) bits = bits << 8 | static_cast<unsigned char>(c);
    push(make(Kind::kReal));
    std::memcpy(&stack_.back()->real, &bits, sizeof(bits));
  }

  // One opcode; false at the end.
  bool step() {
    const auto op = static_cast<unsigned char>(take(1)[0]);
    if (op == '.') return false;  // STOP
    if (frame(op) || plain(op) || container(op) || memo(op) || object(op)) return true;
    --at_;
    fail_here(fmt::format("opcode 0x{:02x}, which torch.save does not write", op));
  }

  // Each of these does one opcode and gives true, or gives false where it is none of its own.
  bool frame(unsigned char op) {
    switch (op) {
      case 0x80:  // PROTO
        take(1);
        return true;
      case 0x95:  // FRAME
        take(8);
        return true;
      case '(':  // MARK
        stack_.push_back(nullptr);
        return true;
      case '0':  // POP
        pop();
        return true;
      case '1':  // POP_MARK
        pop_to_mark();
        return true;
      case '2':  // DUP
        push(top());
        return true;
      default:
        return false;
    }
  }

  bool plain(unsigned char op) {
    switch (op) {
      case 'N':
        push(make(Kind::kNone));
        return true;
      case 0x88:  // NEWTRUE, NEWFALSE
      case 0x89:
        push_integer(op == 0x88 ? 1 : 0, Kind::kBoolean);
        return true;
      case 'J':  // BININT
        push_integer(static_cast<int32_t>(static_cast<uint32_t>(number(4))));
        return true;
      case 'K':  // BININT1, BININT2
        push_integer(static_cast<int64_t>(number(1)));
        return true;
      case 'M':
        push_integer(static_cast<int64_t>(number(2)));
        return true;
      case 0x8A:  // LONG1
        long_integer(number(1));
        return true;
      case 'G':  // BINFLOAT
        real();
        return true;
      case 'X':  // BINUNICODE, BINBYTES, BINSTRING: bytes count as texts
      case 'B':
      case 'T':
        push_text(number(4));
        return true;
      case 0x8C:  // the same, short
      case 'C':
      case 'U':
        push_text(number(1));
        return true;
      default:
        return false;
    }
  }

  bool container(unsigned char op) {
    switch (op) {
      case ')':  // EMPTY_TUPLE, EMPTY_LIST, EMPTY_SET
      case ']':
      case 0x8F:
        push(make(Kind::kList));
        return true;
      case '}':  // EMPTY_DICT
        push(make(Kind::kDict));
        return true;
      case 't':  // TUPLE, LIST
      case 'l':
        push_list(pop_to_mark());
        return true;
      case 0x85:  // TUPLE1 .. TUPLE3
      case 0x86:
      case 0x87:
        push_list(pop_many(op - 0x84u));
        return true;
      case 'a':  // APPEND
        append(pop_many(1));
        return true;
      case 'e':  // APPENDS, ADDITEMS
      case 0x90:
        append(pop_to_mark());
        return true;
      case 's':  // SETITEM, SETITEMS
        add_members(pop_many(2));
        return true;
      case 'u':
        add_members(pop_to_mark());
        return true;
      case 'd': {  // DICT
        const std::vector<PickleValue*> items = pop_to_mark();
        push(make(Kind::kDict));
        add_members(items);
        return true;
      }
      default:
        return false;
    }
  }

  bool memo(unsigned char op) {
    switch (op) {
      case 'q':  // BINPUT, LONG_BINPUT, MEMOIZE
        put(number(1));
        return true;
      case 'r':
        put(number(4));
        return true;
      case 0x94:
        put(memo_.size());
        return true;
      case 'h':  // BINGET, LONG_BINGET
        get(number(1));
        return true;
      case 'j':
        get(number(4));
        return true;
      default:
        return false;
    }
  }

  bool object(unsigned char op) {
    switch (op) {
      case 'c': {  // GLOBAL
        const std::string_view module = line(), name = line();
        push_class(module, name);
        return true;
      }
      case 0x93: {  // STACK_GLOBAL
        const std::vector<PickleValue*> names = pop_many(2);
        push_class(names[0]->text, names[1]->text);
        return true;
      }
      case 'R':  // REDUCE, NEWOBJ
      case 0x81: {
        const std::vector<PickleValue*> call = pop_many(2);
        reduce(call[0], call[1]);
        return true;
      }
      case 'b':  // BUILD: the state of an object, such as the _metadata of a state dict
        pop();
        top();
        return true;
      case 'Q':  // BINPERSID
        storage();
        return true;
      default:
        return false;
    }
  }

  std::string_view bytes_;
  const std::string& name_;
  size_t at_ = 0;
  std::vector<PickleValue*> stack_;
  std::unordered_map<uint64_t, PickleValue*> memo_;
  Pickle pickle_;
};

Pickle Pickle::parse(std::string_view bytes, const std::string& name) { return PickleReader(bytes, name).read(); }

}  // namespace recur::torch
