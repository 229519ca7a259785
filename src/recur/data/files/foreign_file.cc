#include "recur/data/files/foreign_file.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "recur/base/error.h"
#include "recur/data/files/data_file.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/files/utf8.h"

namespace recur {
namespace {

using namespace std::string_view_literals;

struct Signature {
  std::string_view bytes;
  std::string_view what;
};

constexpr std::string_view kPdf = "a PDF document; extract its text or tables first";

// First bytes of what goes on with bytes that no text has.
constexpr std::array<Signature, 34> kSignatures{{
    {"PAR1"sv, "a Parquet file; save it as CSV"},
    {"\x89HDF\r\n\x1A\n"sv, "an HDF5 file (Keras, MATLAB 7.3, pandas); save the array as .npy, or the table as CSV"},
    {"MATLAB 5.0 MAT-file"sv, "a MATLAB file; save the array as .npy or CSV"},
    {"CDF\1"sv, "a NetCDF file; save the variable as .npy or CSV"},
    {"CDF\2"sv, "a NetCDF file; save the variable as .npy or CSV"},
    {"ARROW1"sv, "an Arrow or Feather file; save it as CSV"},
    {"FEA1"sv, "a Feather file; save it as CSV"},
    {"ORC"sv, "an ORC file; save it as CSV"},
    {"Obj\1"sv, "an Avro file; save it as CSV"},
    {"SQLite format 3\0"sv, "an SQLite data base; export the table as CSV"},
    {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, "an old Office document, such as an Excel workbook; save it as CSV"},
    {"RDX2\n"sv, "an R data file; save it with write.csv"},
    {"RDX3\n"sv, "an R data file; save it with write.csv"},
    {"RDA2\n"sv, "an R data file; save it with write.csv"},
    {"RDA3\n"sv, "an R data file; save it with write.csv"},
    {"X\n\0\0\0"sv, "an R data file; save it with write.csv"},
    {"<stata_dta>"sv, "a Stata file; save it as CSV"},
    {"$FL2"sv, "an SPSS file; save it as CSV"},
    {"%PDF-"sv, kPdf},
    {"BZh"sv, "a bzip2 archive; unpack it, or pack it with gzip, xz or zstd"},
    {"7z\xBC\xAF\x27\x1C"sv, "a 7-Zip archive; unpack it"},
    {"Rar!\x1A\x07"sv, "a RAR archive; unpack it"},
    {"\x04\x22\x4D\x18"sv, "an LZ4 file; unpack it, or pack it with gzip, xz or zstd"},
    {"\x89PNG\r\n\x1A\n"sv, "a PNG picture"},
    {"\xFF\xD8\xFF"sv, "a JPEG picture"},
    {"GIF8"sv, "a GIF picture"},
    {"II*\0"sv, "a TIFF picture"},
    {"MM\0*"sv, "a TIFF picture"},
    {"RIFF"sv, "a RIFF file, such as WAV sound"},
    {"fLaC"sv, "FLAC sound"},
    {"OggS"sv, "Ogg sound"},
    {"ID3"sv, "MP3 sound"},
    {"\x7F"
     "ELF"sv,
     "a program"},
    {"MZ\x90\0"sv, "a program"},
}};

// What are texts, but no tables.
constexpr std::array<Signature, 5> kDocuments{{
    {"<!doctype html"sv, "a web page; a download may have failed"},
    {"<html"sv, "a web page; a download may have failed"},
    {"<?xml"sv, "an XML document; save it as CSV"},
    {"{\\rtf"sv, "a rich text document; save it as CSV"},
    {"%PDF-"sv, kPdf},
}};

// Control characters, and what is not UTF-8.
bool is_binary(std::string_view head) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' && !(c >= '\t' && c <= '\r'); };
  return std::ranges::any_of(head, is_control) || find_invalid_utf8_in_prefix(head) != kNoPosition;
}

std::string_view find_in(std::span<const Signature> list, std::string_view head) {
  const auto at = std::ranges::find_if(list, [head](const Signature& each) { return head.starts_with(each.bytes); });
  return at == list.end() ? std::string_view() : at->what;
}

// A protocol number from 2 to 5, then what frames or empty containers begin with.
bool is_pickle(std::string_view head) {
  return head.size() >= 3 && head[0] == '\x80' && head[1] >= 2 && head[1] <= 5 &&
         std::string_view("\x95}](cXq\x8C").find(head[2]) != std::string_view::npos;
}

// The length of a JSON object, then it.
bool is_safetensors(std::string_view head) {
  constexpr size_t kLength = 8;
  return head.size() > kLength + 1 && head.substr(4, 4) == "\0\0\0\0"sv && head.substr(kLength, 2) == "{\""sv;
}

bool is_tar(std::string_view head) {
  constexpr size_t kPlace = 257;
  return head.size() > kPlace + 5 && head.substr(kPlace, 5) == "ustar"sv;
}

// A zip archive, by the name of its first member.
std::string_view zip_format(std::string_view head) {
  const auto has = [head](std::string_view word) { return head.find(word) != std::string_view::npos; };
  if (has("[Content_Types].xml") || has("xl/") || has("_rels/"))
    return "an Office document, such as an Excel workbook (.xlsx); save it as CSV";
  if (has("mimetypeapplication/vnd.oasis")) return "an OpenDocument file, such as a spreadsheet; save it as CSV";
  if (has("data.pkl")) return "a PyTorch file; save the array as .npy";
  return "a zip archive; unpack it, or pack the file with gzip, xz or zstd";
}

}  // namespace

std::string_view foreign_format(std::string_view head) {
  if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
  if (!is_binary(head)) return "";
  if (head.starts_with("PK\3\4") || head.starts_with("PK\5\6")) return zip_format(head);
  if (const std::string_view known = find_in(kSignatures, head); !known.empty()) return known;
  if (is_pickle(head)) return "a pickle of Python; save the array as .npy, or the table as CSV";
  if (is_safetensors(head)) return "a file of tensors (safetensors, a model), not data";
  return is_tar(head) ? "a tar archive; unpack it" : "";
}

void check_not_foreign(const DataFile& file) {
  const std::string head = file.head(kForeignHead);
  std::string_view what = foreign_format(head);
  if (what.empty())
    what = find_in(kDocuments,
                   lower_ascii(head.substr(std::min(head.find_first_not_of(" \t\r\n\xEF\xBB\xBF"), head.size()))));
  if (what.empty()) what = find_in(kDocuments, head);
  if (!what.empty()) fail("{}: this is {}", file.name(), what);
}

}  // namespace recur
