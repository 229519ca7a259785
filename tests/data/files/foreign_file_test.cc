#include "recur/data/files/foreign_file.h"

#include <gtest/gtest.h>

#include <string>

#include "recur/data/files/data_file.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace std::string_literals;

TEST(ForeignFile, NamesTheProgram) {
  const auto names = [](const std::string& head, std::string_view what) {
    return foreign_format(head).find(what) != std::string_view::npos;
  };
  EXPECT_TRUE(names("PAR1\x15\0"s, "Parquet"));
  EXPECT_TRUE(names("\x89HDF\r\n\x1A\n\0"s, "HDF5"));
  EXPECT_TRUE(names("MATLAB 5.0 MAT-file, Platform: GLNXA64\0\1"s, "MATLAB"));
  EXPECT_TRUE(names("ARROW1\0\0"s, "Arrow"));
  EXPECT_TRUE(names("SQLite format 3\0\x10"s, "SQLite"));
  EXPECT_TRUE(names("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n"s, "PDF"));
  EXPECT_TRUE(names("\x80\x04\x95\x10\0\0\0"s, "pickle"));
  EXPECT_TRUE(names("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0"s, "Excel"));
  EXPECT_TRUE(names("PK\3\4\x14\0\0\0xl/workbook.xml"s, "Excel"));
  EXPECT_TRUE(names("PK\3\4\x14\0\0\0table.csv"s, "a zip archive"));
  EXPECT_TRUE(names("\x40\0\0\0\0\0\0\0{\"a\":{}}"s, "tensors"));
  EXPECT_TRUE(names("RIFF\x24\0\0\0WAVE"s, "sound"));
}

TEST(ForeignFile, LeavesTextsAndArraysAlone) {
  for (const auto& head : {"ORC,GOB\n1,2\n"s, "MZ\n"s, "PAR1,x\n"s, ""s, "t,x\n"s, "\x93NUMPY\1\0v\0"s, "\0\0\x08\1"s,
                           "Gr\xC3\xB6\xC3\x9F"
                           "e\n"s,
                           "h\xF6her,1\n"s}) {
    EXPECT_EQ(foreign_format(head), "") << head;
  }
}

TEST(ForeignFile, RefusesDocumentsAsTables) {
  const auto check = [](std::string text) { check_not_foreign(DataFile::from_memory("a.csv", std::move(text))); };
  EXPECT_ERROR(check("\n<!DOCTYPE html><html>"), "a.csv: this is a web page; a download may have failed");
  EXPECT_ERROR(check("<?xml version=\"1.0\"?>"), "a.csv: this is an XML document");
  EXPECT_NO_THROW(check("t,x\n1,<html>\n"));
}

}  // namespace
}  // namespace recur
