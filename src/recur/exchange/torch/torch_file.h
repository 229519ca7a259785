// Files of torch.save: a zip archive with a pickle, which describes tensors, and the tensors' elements.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/files/zip_archive.h"
#include "recur/tensor/named_tensors.h"

namespace recur::torch {

// Whether the members are those of such an archive.
bool is_torch_archive(std::span<const ZipMember> members);
// Whether a file begins as torch.save wrote before 1.6: pickles one behind the other.
bool is_legacy_file(std::string_view head);
[[noreturn]] void fail_legacy(const std::string& file);

// The tensors of a state dict, in its order, as f32. `key`: where in a checkpoint it is, "model" or "model.encoder";
// "": found out. Throws UsageError where there are several, Error where there is none: for a whole module, naming its
// class.
NamedTensors read_state_dict(const std::string& file, std::span<const ZipMember> members, const std::string& key);

}  // namespace recur::torch
