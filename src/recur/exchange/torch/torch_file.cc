#include "recur/exchange/torch/torch_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/exchange/convert_numbers.h"
#include "recur/exchange/torch/pickle.h"

namespace recur::torch {
namespace {

constexpr size_t kMostPickle = 16 << 20;
constexpr int kDeepest = 4;  // dicts within dicts that are searched for a state dict
constexpr const char* kSave = "save its weights alone, with torch.save(model.state_dict(), \"model.pt\")";

const ZipMember* find_pickle(std::span<const ZipMember> members) {
  const auto at = std::ranges::find_if(
      members, [](const ZipMember& each) { return each.name == "data.pkl" || each.name.ends_with("/data.pkl"); });
  return at == members.end() ? nullptr : &*at;
}

// --- where the state dict is ---

bool is_state_dict(const PickleValue& value) {
  return value.kind == PickleValue::Kind::kDict && !value.members.empty() &&
         std::ranges::all_of(value.members, [](const auto& member) {
           return member.first->kind == PickleValue::Kind::kText && member.second->kind == PickleValue::Kind::kTensor;
         });
}

struct Place {
  std::string key;  // "model.encoder"
  const PickleValue* dict;
};

class Search {
 public:
  explicit Search(const PickleValue& root) { look(root, "", 0); }
  const std::vector<Place>& found() const { return found_; }

 private:
  void look(const PickleValue& value, const std::string& key, int depth) {
    if (value.kind != PickleValue::Kind::kDict || depth > kDeepest || !seen_.insert(&value).second) return;
    if (is_state_dict(value)) {
      found_.push_back({key, &value});
      return;
    }
    for (const auto& [name, member] : value.members) {
      if (name->kind != PickleValue::Kind::kText) continue;
      look(*member, key.empty() ? name->text : key + "." + name->text, depth + 1);
    }
  }
  std::set<const PickleValue*> seen_;
  std::vector<Place> found_;
};

const char* kind_name(PickleValue::Kind kind) {
  switch (kind) {
    case PickleValue::Kind::kTensor:
      return "one tensor";
    case PickleValue::Kind::kList:
      return "a list";
    case PickleValue::Kind::kDict:
      return "a dict without one";
    default:
      return "another value";
  }
}

const PickleValue& state_dict_of(const std::string& file, const PickleValue& root, const std::string& key) {
  if (root.kind == PickleValue::Kind::kObject || root.kind == PickleValue::Kind::kClass) {
    fail("{}: a whole module of the class {}, which only its own code can open; {}", file, root.text, kSave);
  }
  const Search search(root);
  std::vector<std::string> keys;
  for (const Place& place : search.found()) {
    if (place.key == key) return *place.dict;
    keys.push_back(place.key);
  }
  if (keys.empty()) {
    for (const auto& [name, member] : root.members) {
      if (member->kind == PickleValue::Kind::kObject && !member->text.starts_with("collections.")) {
        fail("{}: no state dict; \"{}\" holds an object of the class {}; {}", file, name->text, member->text, kSave);
      }
    }
    fail("{}: expected a state dict, tensors by their names, got {}; {}", file, kind_name(root.kind), kSave);
  }
  if (!key.empty()) fail_usage("{}: --key {}: there is no state dict; there is {}", file, key, fmt::join(keys, ", "));
  if (keys.size() > 1) {
    fail_usage("{}: {} state dicts; set --key to one of: {}", file, keys.size(), fmt::join(keys, ", "));
  }
  log_info("{}: the state dict in \"{}\"", file, keys.front());
  return *search.found().front().dict;
}

// --- tensors ---

std::string_view dtype_of(std::string_view storage) {
  static const std::map<std::string_view, std::string_view> kNames{
      {"FloatStorage", "F32"},     {"DoubleStorage", "F64"}, {"HalfStorage", "F16"},
      {"BFloat16Storage", "BF16"}, {"LongStorage", "I64"},   {"IntStorage", "I32"},
      {"ShortStorage", "I16"},     {"CharStorage", "I8"},    {"ByteStorage", "U8"}};
  const auto found = kNames.find(storage);
  return found == kNames.end() ? storage : found->second;
}

class Elements {
 public:
  Elements(std::string file, std::span<const ZipMember> members) : file_(std::move(file)) {
    const std::string& pickle = find_pickle(members)->name;
    const std::string root = pickle.substr(0, pickle.size() - std::string_view("data.pkl").size());
    for (const ZipMember& each : members) {
      if (each.name == root + "byteorder" && each.content() != "little") {
        fail("{}: numbers in the byte order of another processor; save it again on this one", file_);
      }
      if (each.name.starts_with(root + "data/")) storages_[each.name.substr(root.size() + 5)] = &each;
    }
  }

  Tensor read(const std::string& name, const PickledTensor& from) {
    const std::string place = fmt::format("{}: {}", file_, name);
    const std::string_view dtype = dtype_of(from.dtype);
    const size_t item = number_size(dtype);
    if (item == 0)
      fail("{}: numbers of a {} are not read; floats, halves, doubles and integers are", place, from.dtype);
    const int64_t count = check_extent(place, from);
    const std::string& bytes = storage(place, from.key);
    if (bytes.size() / item < static_cast<size_t>(from.stored)) {
      fail("{}: its storage data/{} has {} bytes, expected {} numbers of {}", place, from.key, bytes.size(),
           from.stored, item);
    }
    Tensor out = Tensor::empty(Shape(from.shape));
    float* to = out.data<float>();
    std::vector<int64_t> index(from.shape.size(), 0);
    int64_t at = from.offset;
    for (int64_t i = 0; i < count; ++i) {
      to[i] = number_at(dtype, std::as_bytes(std::span(bytes)), static_cast<size_t>(at));
      for (size_t axis = index.size(); axis-- > 0;) {
        at += from.strides[axis];
        if (++index[axis] < from.shape[axis]) break;
        at -= from.strides[axis] * from.shape[axis];
        index[axis] = 0;
      }
    }
    return out;
  }

 private:
  // The number of elements; every one lies within the storage.
  static int64_t check_extent(const std::string& place, const PickledTensor& from) {
    constexpr size_t kMostAxes = 8;
    const bool sizes = from.shape.size() == from.strides.size() && from.shape.size() <= kMostAxes &&
                       std::ranges::all_of(from.shape, [](int64_t s) { return s >= 0; }) &&
                       std::ranges::all_of(from.strides, [](int64_t s) { return s >= 0; });
    double count = 1, last = static_cast<double>(from.offset);
    for (size_t axis = 0; sizes && axis < from.shape.size(); ++axis) {
      count *= static_cast<double>(from.shape[axis]);
      last += static_cast<double>(from.shape[axis] - 1) * static_cast<double>(from.strides[axis]);
    }
    const auto stored = static_cast<double>(from.stored);
    if (!sizes || from.offset < 0 || from.stored < 0 || count > stored || (count > 0 && last >= stored)) {
      fail("{}: shape [{}] with strides [{}] from element {} does not lie within the {} elements that are stored",
           place, fmt::join(from.shape, ", "), fmt::join(from.strides, ", "), from.offset, from.stored);
    }
    return static_cast<int64_t>(count);
  }

  const std::string& storage(const std::string& place, const std::string& key) {
    if (key == last_key_ && has_last_) return last_;
    const auto found = storages_.find(key);
    if (found == storages_.end()) fail("{}: its storage data/{} is missing", place, key);
    last_ = found->second->content();
    last_key_ = key;
    has_last_ = true;
    return last_;
  }

  std::string file_;
  std::map<std::string, const ZipMember*> storages_;
  std::string last_key_, last_;  // tensors of one storage stand side by side
  bool has_last_ = false;
};

}  // namespace

bool is_torch_archive(std::span<const ZipMember> members) { return find_pickle(members) != nullptr; }

bool is_legacy_file(std::string_view head) {
  // The number 0x1950a86a20f9469cfc6c in a pickle of protocol 2.
  constexpr std::string_view kMagic = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
  return head.starts_with(kMagic);
}

void fail_legacy(const std::string& file) {
  fail(
      "{}: written by PyTorch before 1.6, or without its zip format; open it in PyTorch and save it again: "
      "torch.save(torch.load(\"old.pt\", weights_only=True), \"new.pt\")",
      file);
}

NamedTensors read_state_dict(const std::string& file, std::span<const ZipMember> members, const std::string& key) {
  const bool script = std::ranges::any_of(members, [](const ZipMember& each) {
    return each.name.ends_with("/constants.pkl") || each.name.find("/code/") != std::string::npos;
  });
  if (script) fail("{}: a TorchScript program; {}", file, kSave);
  const ZipMember& pickle = *find_pickle(members);
  if (pickle.size > kMostPickle)
    fail("{}/{}: a pickle of {} bytes, more than {}", file, pickle.name, pickle.size, kMostPickle);
  const std::string bytes = pickle.content();
  const Pickle parsed = Pickle::parse(bytes, file + "/" + pickle.name);
  const PickleValue& dict = state_dict_of(file, parsed.root(), key);
  Elements elements(file, members);
  NamedTensors tensors;
  for (const auto& [name, value] : dict.members) {
    if (!name->text.ends_with("num_batches_tracked")) {
      tensors.push_back({name->text, elements.read(name->text, value->tensor)});
    }
  }
  return tensors;
}

}  // namespace recur::torch
