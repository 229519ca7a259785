#include "recur/exchange/keras/hdf5_library.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "recur/base/error.h"
#include "recur/data/files/utf8.h"

#ifdef RECUR_HAS_HDF5
#include <hdf5.h>
#endif

namespace recur::keras {

#ifdef RECUR_HAS_HDF5

namespace {

constexpr int kDeepestGroup = 16;
constexpr size_t kMostObjects = 100'000;
constexpr double kMostTimes = 200;  // a dataset may be larger than the file by this, as of compressed ones

// An identifier of the library, closed by `Close`.
template <herr_t (*Close)(hid_t)>
class Id {
 public:
  explicit Id(hid_t id) : id_(id) {}
  Id(const Id&) = delete;
  Id& operator=(const Id&) = delete;
  ~Id() {
    if (id_ >= 0) Close(id_);
  }
  hid_t get() const { return id_; }
  explicit operator bool() const { return id_ >= 0; }

 private:
  hid_t id_;
};

// The file, as the library sees it.
class Library {
 public:
  Library(std::string name, const std::string& bytes)
      : name_(std::move(name)), size_(static_cast<double>(bytes.size())) {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);  // errors are ours to tell
    constexpr size_t kIncrement = 1 << 16;
    const Id<H5Pclose> access(H5Pcreate(H5P_FILE_ACCESS));
    H5Pset_fapl_core(access.get(), kIncrement, false);
    H5Pset_file_image(access.get(), const_cast<char*>(bytes.data()), bytes.size());  // which it copies
    constexpr const char* kNowhere = "/dev/null/image";  // a file of that name would be in the way of the image
    file_ = H5Fopen(kNowhere, H5F_ACC_RDONLY, access.get());
    if (file_ < 0) fail("{}: the HDF5 file is damaged or cut off", name_);
    const Id<H5Gclose> root(H5Gopen2(file_, "/", H5P_DEFAULT));
    if (!root) fail("{}: the HDF5 file has no root", name_);
    walk(root.get(), "", 0);
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() { H5Fclose(file_); }

  const std::vector<std::string>& paths() const { return paths_; }
  Tensor read(const std::string& path) const;
  std::optional<std::string> attribute(const char* key) const;

 private:
  void walk(hid_t group, const std::string& prefix, int depth) {
    H5G_info_t info;
    if (H5Gget_info(group, &info) < 0) fail("{}: {}: the group cannot be read", name_, prefix);
    for (hsize_t i = 0; i < info.nlinks; ++i) {
      const std::string member = member_name(group, i);
      H5L_info_t link;
      if (H5Lget_info(group, member.c_str(), &link, H5P_DEFAULT) < 0)
        fail("{}: {}{}: the link cannot be read", name_, prefix, member);
      if (link.type != H5L_TYPE_HARD)
        fail("{}: {}{}: links, as to other files, are not followed", name_, prefix, member);
      const Id<H5Oclose> object(H5Oopen(group, member.c_str(), H5P_DEFAULT));
      if (!object) fail("{}: {}{}: the object cannot be read", name_, prefix, member);
      const H5I_type_t type = H5Iget_type(object.get());
      if (type == H5I_DATASET) paths_.push_back(prefix + member);
      if (paths_.size() > kMostObjects || depth > kDeepestGroup) fail("{}: too many or too deep groups", name_);
      if (type == H5I_GROUP) walk(object.get(), prefix + member + "/", depth + 1);
    }
  }

  std::string member_name(hid_t group, hsize_t i) const {
    const ssize_t length = H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, i, nullptr, 0, H5P_DEFAULT);
    constexpr ssize_t kLongest = 4096;
    if (length < 0 || length > kLongest) fail("{}: a link has no name that can be read", name_);
    std::string text(static_cast<size_t>(length) + 1, '\0');
    H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, i, text.data(), text.size(), H5P_DEFAULT);
    text.resize(static_cast<size_t>(length));
    const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
    if (find_invalid_utf8(text) != kNoPosition || std::ranges::any_of(text, is_control)) {
      fail("{}: a link has no name that can be read", name_);
    }
    return text;
  }

  // Its elements lie in the file itself.
  bool is_inside(hid_t dataset) const {
    const Id<H5Pclose> properties(H5Dget_create_plist(dataset));
    if (!properties) return false;
    const H5D_layout_t layout = H5Pget_layout(properties.get());
    return (layout == H5D_COMPACT || layout == H5D_CONTIGUOUS || layout == H5D_CHUNKED) &&
           H5Pget_external_count(properties.get()) == 0;
  }

  std::string name_;
  double size_ = 0;
  hid_t file_ = -1;
  std::vector<std::string> paths_;
};

Tensor Library::read(const std::string& path) const {
  const std::string place = fmt::format("{}: {}", name_, path);
  const Id<H5Dclose> dataset(H5Dopen2(file_, path.c_str(), H5P_DEFAULT));
  if (!dataset) fail("{}: there is no dataset that can be read", place);
  if (!is_inside(dataset.get())) fail("{}: its elements are in another file, which is not supported", place);
  const Id<H5Tclose> type(H5Dget_type(dataset.get()));
  const H5T_class_t kind = H5Tget_class(type.get());
  if (kind != H5T_FLOAT && kind != H5T_INTEGER) fail("{}: expected numbers", place);
  const Id<H5Sclose> space(H5Dget_space(dataset.get()));
  constexpr int kMostAxes = 4;
  const int rank = H5Sget_simple_extent_ndims(space.get());
  if (rank < 0 || rank > kMostAxes) fail("{}: expected at most {} axes, got {}", place, kMostAxes, rank);
  hsize_t sizes[kMostAxes] = {};
  H5Sget_simple_extent_dims(space.get(), sizes, nullptr);
  double count = 1;
  for (int axis = 0; axis < rank; ++axis) count *= static_cast<double>(sizes[axis]);
  if (count > kMostTimes * size_) fail("{}: {} numbers cannot be in a file of {} bytes", place, count, size_);
  Tensor out = Tensor::empty(Shape(std::vector<int64_t>(sizes, sizes + rank)));
  if (H5Dread(dataset.get(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, out.data<float>()) < 0) {
    fail("{}: the dataset is damaged", place);
  }
  return out;
}

std::optional<std::string> Library::attribute(const char* key) const {
  if (H5Aexists(file_, key) <= 0) return std::nullopt;
  const Id<H5Aclose> attribute(H5Aopen(file_, key, H5P_DEFAULT));
  const Id<H5Tclose> type(attribute ? H5Aget_type(attribute.get()) : -1);
  if (!type || H5Tget_class(type.get()) != H5T_STRING) return std::nullopt;
  const Id<H5Sclose> space(H5Aget_space(attribute.get()));
  if (H5Sget_simple_extent_npoints(space.get()) != 1) return std::nullopt;
  if (H5Tis_variable_str(type.get()) > 0) {
    char* text = nullptr;
    const Id<H5Tclose> in_memory(H5Tcopy(H5T_C_S1));
    H5Tset_size(in_memory.get(), H5T_VARIABLE);
    H5Tset_cset(in_memory.get(), H5Tget_cset(type.get()));
    if (H5Aread(attribute.get(), in_memory.get(), &text) < 0 || text == nullptr) return std::nullopt;
    std::string out(text);
    H5free_memory(text);
    return out;
  }
  const size_t size = H5Tget_size(type.get());
  if (static_cast<double>(size) > size_) return std::nullopt;
  std::string out(size, '\0');
  if (H5Aread(attribute.get(), type.get(), out.data()) < 0) return std::nullopt;
  out.resize(out.find_last_not_of('\0') + 1);
  return out;
}

}  // namespace

Hdf5Content read_with_library(const std::string& name, const std::string& bytes) {
  const Library library(name, bytes);
  Hdf5Content out;
  for (const std::string& path : library.paths()) {
    Hdf5Dataset& dataset = out.datasets.emplace_back(Hdf5Dataset{.path = path, .values = {}});
    try {
      dataset.values = library.read(path);
    } catch (const Error& error) {
      dataset.error = error.what();
    }
  }
  for (const char* key : kHdf5Attributes) {
    if (auto text = library.attribute(key)) out.attributes[key] = std::move(*text);
  }
  return out;
}

#else

Hdf5Content read_with_library(const std::string& name, const std::string&) {
  fail(
      "{}: this build of Recur cannot read HDF5, the format of Keras's files; install libhdf5-dev and build it again, "
      "or save the weights as safetensors",
      name);
}

#endif

}  // namespace recur::keras
