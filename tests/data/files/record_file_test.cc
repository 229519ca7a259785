#include "recur/data/files/record_file.h"

#include <gtest/gtest.h>

namespace recur::internal {
namespace {

TEST(RecordFile, GivesRecordsBackInAnyOrder) {
  RecordFile file("test");
  RecordWriter record;
  for (int i = 0; i < 1000; ++i) {
    record.clear();
    record.number(i);
    record.text(std::string(static_cast<size_t>(i % 17), 'x'));
    record.text(std::to_string(i));
    file.append(record);
  }
  file.flush();
  ASSERT_EQ(file.size(), 1000);
  for (const int64_t i : {999, 0, 500, 16}) {
    RecordReader read = file.read(i);
    EXPECT_EQ(read.number<int>(), i);
    EXPECT_EQ(read.text(), std::string(static_cast<size_t>(i % 17), 'x'));
    EXPECT_EQ(read.text(), std::to_string(i));
  }
}

TEST(RecordFile, TakesEmptyRecordsAndTextsWithAnyBytes) {
  RecordFile file("test");
  file.append(RecordWriter());
  RecordWriter record;
  record.text(std::string_view("a\0\n\xFF", 4));
  file.append(record);
  file.append(RecordWriter());
  file.flush();
  EXPECT_EQ(file.size(), 3);
  EXPECT_EQ(file.read(1).text(), std::string_view("a\0\n\xFF", 4));
}

}  // namespace
}  // namespace recur::internal
