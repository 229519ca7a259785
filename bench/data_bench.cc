// Makes tables of numbers and reads them, for tools/bench_data.sh.
//   data_bench make KIND FILE MEGABYTES    KIND: long (id, time, 8 channels), one (a single sequence of 4 channels),
//                                          interleaved (2000 ids in turn), observations, wide (rows of 200 values),
//                                          dated (ISO times), digits (17 of each number), quoted (every cell),
//                                          classes (long, with a label each), records (half of their
//                                          values, with a label each), text (words in lines)
//   data_bench read FILE                   prints sequences, steps, MB, processor seconds, MB/s and peak memory
#include <sys/resource.h>
#include <sys/stat.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <map>
#include <string>

#include "recur/data/sequences/read_sequences.h"

namespace {

uint64_t state = 1;
uint32_t draw() {
  state = state * 6364136223846793005U + 1442695040888963407U;
  return static_cast<uint32_t>(state >> 33U);
}

// A number as sensors write it: a sign in half of the cases, up to three digits before the point and four behind it.
void put_number(std::string& line) {
  const uint32_t bits = draw();
  if ((bits & 1U) != 0) line += '-';
  char digits[16];
  std::snprintf(digits, sizeof(digits), "%u.%04u", bits / 2 % 200, bits / 512 % 10000);
  line += digits;
}

void put_numbers(std::string& line, int count) {
  for (int i = 0; i < count; ++i) {
    line += ',';
    put_number(line);
  }
}

using Row = std::function<void(std::string& line, uint64_t row)>;
struct Kind {
  std::string header;
  Row row;
};

const std::map<std::string, Kind> kKinds{
    {"long",
     {"id,time,a,b,c,d,e,f,g,h",
      [](std::string& line, uint64_t row) {
        line = 's' + std::to_string(row / 1000) + ',' + std::to_string(row % 1000);
        put_numbers(line, 8);
      }}},
    {"one",
     {"time,a,b,c,d",
      [](std::string& line, uint64_t row) {
        line = std::to_string(row);
        put_numbers(line, 4);
      }}},
    {"interleaved",
     {"id,time,a,b,c,d,e,f,g,h",
      [](std::string& line, uint64_t row) {
        line = 's' + std::to_string(row % 2000) + ',' + std::to_string(row / 2000);
        put_numbers(line, 8);
      }}},
    {"observations",
     {"id,time,parameter,value",
      [](std::string& line, uint64_t row) {
        static const char* const kNames[] = {"pulse", "oxygen", "temperature", "pressure"};
        line = 'p' + std::to_string(row / 400) + ',' + std::to_string(row % 400 / 4) + ',' + kNames[row % 4];
        put_numbers(line, 1);
      }}},
    {"dated",
     {"time,a,b,c,d",
      [](std::string& line, uint64_t row) {
        char time[48];
        const auto minute = static_cast<unsigned>(row % 60), hour = static_cast<unsigned>(row / 60 % 24);
        const auto day = static_cast<unsigned>(row / 1440);
        std::snprintf(time, sizeof(time), "%04u-%02u-%02u %02u:%02u:00", 1000 + day / 336, day / 28 % 12 + 1,
                      day % 28 + 1, hour, minute);
        line = time;
        put_numbers(line, 4);
      }}},
    {"digits",
     {"time,a,b,c,d",
      [](std::string& line, uint64_t row) {
        line = std::to_string(row);
        for (int i = 0; i < 4; ++i) {
          char digits[40];
          std::snprintf(digits, sizeof(digits), ",%.17g", (draw() + draw() / 4294967296.0) / 2147483648.0 - 1);
          line += digits;
        }
      }}},
    {"quoted",
     {"\"id\",\"time\",\"a\",\"b\"",
      [](std::string& line, uint64_t row) {
        line = "\"s" + std::to_string(row / 1000) + "\",\"" + std::to_string(row % 1000) + "\",\"";
        put_number(line);
        line += "\",\"";
        put_number(line);
        line += '"';
      }}},
    {"classes",
     {"id,time,a,b,c,d,e,f,g,h,class",
      [](std::string& line, uint64_t row) {
        line = 's' + std::to_string(row / 1000) + ',' + std::to_string(row % 1000);
        put_numbers(line, 8);
        line += row / 1000 % 2 == 0 ? ",even" : ",odd";
      }}},
    {"records",
     {"id,time,a,b,c,d,e,f,g,h,ill",
      [](std::string& line, uint64_t row) {
        line = 'p' + std::to_string(row / 100) + ',' + std::to_string(row % 100);
        for (int i = 0; i < 8; ++i) draw() % 2 == 0 ? put_numbers(line, 1) : static_cast<void>(line += ',');
        line += row / 100 % 3 == 0 ? ",1" : ",0";
      }}},
    {"text",
     {"a text of words",
      [](std::string& line, uint64_t) {
        line.clear();
        for (int word = 0; word < 12; ++word) {
          // Of 26^3 words of three letters, the first come more often.
          const uint32_t rank = draw() % (1 + draw() % 17576);
          line += {static_cast<char>('a' + rank % 26), static_cast<char>('a' + rank / 26 % 26),
                   static_cast<char>('a' + rank / 676), ' '};
        }
      }}},
    {"wide",
     {"",
      [](std::string& line, uint64_t row) {
        line = std::to_string(row % 5);
        put_numbers(line, 200);
      }}},
};

int make(const std::string& name, const char* path, double megabytes) {
  const auto at = kKinds.find(name);
  if (at == kKinds.end()) throw std::runtime_error("no such kind of table: " + name);
  std::FILE* const file = std::fopen(path, "w");
  if (file == nullptr) throw std::runtime_error(std::string("cannot write ") + path);
  const auto wanted = static_cast<uint64_t>(megabytes * 1e6);
  std::string line = at->second.header;
  if (!line.empty()) std::fprintf(file, "%s\n", line.c_str());
  for (uint64_t row = 0, bytes = 0; bytes < wanted; ++row) {
    at->second.row(line, row);
    line += '\n';
    bytes += std::fwrite(line.data(), 1, line.size(), file);
  }
  if (std::fclose(file) != 0) throw std::runtime_error(std::string("cannot write ") + path);
  return 0;
}

double processor_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int read(const char* path) {
  struct stat status {};
  if (::stat(path, &status) != 0) throw std::runtime_error(std::string("cannot read ") + path);
  const double megabytes = static_cast<double>(status.st_size) / 1e6, before = processor_seconds();
  const recur::SequenceSet set = recur::read_sequences({path});
  const double seconds = processor_seconds() - before;
  int64_t steps = 0;
  for (const recur::Sequence& sequence : set.sequences) steps += set.length(sequence);
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  std::printf("%lld sequences, %lld steps; %.0f MB, %.2f s of processor, %.0f MB/s, peak %.0f MB\n",
              static_cast<long long>(set.size()), static_cast<long long>(steps), megabytes, seconds,
              megabytes / seconds, static_cast<double>(usage.ru_maxrss) / 1e3);
  return 0;
}

}  // namespace

int main(int count, char** arguments) try {
  const std::string command = count > 1 ? arguments[1] : "";
  if (command == "make" && count == 5) return make(arguments[2], arguments[3], std::atof(arguments[4]));
  if (command == "read" && count == 3) return read(arguments[2]);
  std::fprintf(stderr, "usage: data_bench make KIND FILE MEGABYTES | read FILE\n");
  return 2;
} catch (const std::exception& error) {
  std::fprintf(stderr, "data_bench: %s\n", error.what());
  return 1;
}
