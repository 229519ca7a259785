#include "recur/exchange/keras/hdf5_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <utility>

#include "recur/base/error.h"

#ifdef RECUR_HAS_HDF5
#include <hdf5.h>
#endif

namespace recur::keras {

#ifdef RECUR_HAS_HDF5

namespace {

constexpr int kDeepestGroup = 16;
constexpr size_t kMostObjects = 100'000;
constexpr double kMostTimes = 200;  // a dataset may be larger than the file by this, as of compressed ones

std::recursive_mutex& library_mutex() {
  static std::recursive_mutex mutex;
  return mutex;
}
using Lock = std::lock_guard<std::recursive_mutex>;

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

}  // namespace

struct Hdf5File::Handle {
  std::string name, bytes;
  double size = 0;
  hid_t file = -1;
  std::vector<std::string> datasets;

  ~Handle() {
    const Lock lock(library_mutex());
    if (file >= 0) H5Fclose(file);
  }

  void walk(hid_t group, const std::string& prefix, int depth) {
    H5G_info_t info;
    if (H5Gget_info(group, &info) < 0) fail("{}: {}: the group cannot be read", name, prefix);
    for (hsize_t i = 0; i < info.nlinks; ++i) {
      const std::string member = member_name(group, i);
      H5L_info_t link;
      if (H5Lget_info(group, member.c_str(), &link, H5P_DEFAULT) < 0)
        fail("{}: {}{}: the link cannot be read", name, prefix, member);
      if (link.type != H5L_TYPE_HARD)
        fail("{}: {}{}: links, as to other files, are not followed", name, prefix, member);
      const Id<H5Oclose> object(H5Oopen(group, member.c_str(), H5P_DEFAULT));
      if (!object) fail("{}: {}{}: the object cannot be read", name, prefix, member);
      const H5I_type_t type = H5Iget_type(object.get());
      if (type == H5I_DATASET) datasets.push_back(prefix + member);
      if (datasets.size() > kMostObjects || depth > kDeepestGroup) fail("{}: too many or too deep groups", name);
      if (type == H5I_GROUP) walk(object.get(), prefix + member + "/", depth + 1);
    }
  }

  std::string member_name(hid_t group, hsize_t i) const {
    const ssize_t length = H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, i, nullptr, 0, H5P_DEFAULT);
    constexpr ssize_t kLongest = 4096;
    if (length < 0 || length > kLongest) fail("{}: a link has no name that can be read", name);
    std::string text(static_cast<size_t>(length) + 1, '\0');
    H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, i, text.data(), text.size(), H5P_DEFAULT);
    text.resize(static_cast<size_t>(length));
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
};

Hdf5File::Hdf5File(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {
  const Lock lock(library_mutex());
  const Id<H5Gclose> root(H5Gopen2(handle_->file, "/", H5P_DEFAULT));
  if (!root) fail("{}: the HDF5 file has no root", handle_->name);
  handle_->walk(root.get(), "", 0);
}

Hdf5File Hdf5File::open(const std::string& path) {
  const Lock lock(library_mutex());
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);  // errors are ours to tell
  auto handle = std::make_unique<Handle>();
  handle->name = path;
  handle->size = static_cast<double>(std::filesystem::file_size(path));
  handle->file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  if (handle->file < 0) fail("{}: the HDF5 file is damaged or cut off", path);
  return Hdf5File(std::move(handle));
}

Hdf5File Hdf5File::from_memory(std::string name, std::string bytes) {
  const Lock lock(library_mutex());
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  auto handle = std::make_unique<Handle>();
  handle->name = std::move(name);
  handle->size = static_cast<double>(bytes.size());
  constexpr size_t kIncrement = 1 << 16;
  const Id<H5Pclose> access(H5Pcreate(H5P_FILE_ACCESS));
  H5Pset_fapl_core(access.get(), kIncrement, 0);
  H5Pset_file_image(access.get(), bytes.data(), bytes.size());
  handle->file = H5Fopen(handle->name.c_str(), H5F_ACC_RDONLY, access.get());
  if (handle->file < 0) fail("{}: the HDF5 file is damaged or cut off", handle->name);
  return Hdf5File(std::move(handle));
}

Tensor Hdf5File::read(const std::string& path) const {
  const Lock lock(library_mutex());
  const std::string place = fmt::format("{}: {}", handle_->name, path);
  const Id<H5Dclose> dataset(H5Dopen2(handle_->file, path.c_str(), H5P_DEFAULT));
  if (!dataset) fail("{}: there is no dataset that can be read", place);
  if (!handle_->is_inside(dataset.get())) fail("{}: its elements are in another file, which is not supported", place);
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
  if (count > kMostTimes * handle_->size)
    fail("{}: {} numbers cannot be in a file of {} bytes", place, count, handle_->size);
  Tensor out = Tensor::empty(Shape(std::vector<int64_t>(sizes, sizes + rank)));
  if (H5Dread(dataset.get(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, out.data<float>()) < 0) {
    fail("{}: the dataset is damaged", place);
  }
  return out;
}

std::optional<std::string> Hdf5File::attribute(const std::string& name) const {
  const Lock lock(library_mutex());
  if (H5Aexists(handle_->file, name.c_str()) <= 0) return std::nullopt;
  const Id<H5Aclose> attribute(H5Aopen(handle_->file, name.c_str(), H5P_DEFAULT));
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
  if (static_cast<double>(size) > handle_->size) return std::nullopt;
  std::string out(size, '\0');
  if (H5Aread(attribute.get(), type.get(), out.data()) < 0) return std::nullopt;
  out.resize(out.find_last_not_of('\0') + 1);
  return out;
}

#else

struct Hdf5File::Handle {
  std::string name;
  std::vector<std::string> datasets;
};

namespace {
[[noreturn]] void fail_without(const std::string& name) {
  fail(
      "{}: this build of Recur cannot read HDF5, the format of Keras's files; install libhdf5-dev and build it again, "
      "or "
      "save the weights as safetensors",
      name);
}
}  // namespace

Hdf5File::Hdf5File(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
Hdf5File Hdf5File::open(const std::string& path) { fail_without(path); }
Hdf5File Hdf5File::from_memory(std::string name, std::string) { fail_without(name); }
Tensor Hdf5File::read(const std::string& path) const { fail_without(path); }
std::optional<std::string> Hdf5File::attribute(const std::string&) const { return std::nullopt; }

#endif

Hdf5File::Hdf5File(Hdf5File&&) noexcept = default;
Hdf5File::~Hdf5File() = default;
const std::vector<std::string>& Hdf5File::datasets() const { return handle_->datasets; }

}  // namespace recur::keras
