// Learning to adapt, from data to a fitted model.
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <sstream>

#include "recur/data/images/image.h"
#include "recur/tasks/adapt/adapt_trained.h"
#include "recur/train/run.h"
#include "tests/data/array_bytes.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"
#include "tests/tasks/adapt/adapt_data.h"

namespace recur {
namespace {

using namespace testing;

const AdaptTrained& own(const Trained& trained) { return dynamic_cast<const AdaptTrained&>(trained); }

TEST(Adapt, SinusoidsAreAdaptedToBetterThanFromScratch) {
  for (const char* learner : {"maml", "reader"}) {
    const bool reads = std::string(learner) == "reader";
    std::vector<std::string> options{std::string("learner=") + learner, "eval_problems=40", "eval_baselines=1",
                                     "batch=12"};
    if (reads) options.insert(options.end(), {"hidden=24", "mlp=16"});
    const auto taught = teach(make_adapt(options), {.files = {DataFile("sinusoids")}});
    const double before = taught.trained().evaluate({DataFile("sinusoids")}).at("loss");
    train_by_hand(*taught.training, reads ? 150 : 120, 0.008);
    const Evaluation after = taught.trained().evaluate({DataFile("sinusoids")});
    EXPECT_LT(after.at("loss"), 0.7 * before) << learner;
    EXPECT_EQ(after.tables[0].name, "methods");
    if (!reads) {
      EXPECT_LT(after.at("loss"), 0.7 * after.at("loss_before"));
      EXPECT_EQ(after.tables[1].rows.size(), 11u);
    }
  }
}

TEST(Adapt, ClassesThatTrainingSawAreLeftOut) {
  const Scratch scratch;
  const auto file = scratch.put("a.jsonl", wave_classes(20, 6, 1));
  const auto taught = teach(make_adapt({"ways=3", "queries=2", "hidden=8", "learner=prototypes", "test=0.25",
                                        "eval_problems=20", "eval_baselines=0"}),
                            {.files = {file}, .held_out = 0.2}, 60);
  EXPECT_NE(taught.training->taken().find("11 classes to learn from, 4 to validate on, 5 left for a test"),
            std::string::npos)
      << taught.training->taken();
  const AdaptTrained& trained = own(taught.trained());
  EXPECT_EQ(trained.kept().seen.size(), 15u);
  Kept rows;
  trained.evaluate({file}, &rows);
  std::set<std::string> classes;
  for (const auto& row : rows.rows()) {
    std::istringstream names(std::get<std::string>(row[1]));
    for (std::string each; names >> each;) classes.insert(each);
  }
  EXPECT_EQ(classes.size(), 5u);
  EXPECT_GT(taught.training->validate().at("accuracy"), 0.6);
}

class Fitting : public ::testing::TestWithParam<const char*> {};

TEST_P(Fitting, GivesAModelThatKnowsTheExamples) {
  const Scratch scratch;
  const auto many = scratch.put("many.jsonl", wave_classes(24, 8, 1));
  const std::string all = wave_classes(3, 8, 77);
  std::string few, rest;
  for (size_t begin = 0, line = 0; begin < all.size(); ++line) {
    const size_t end = all.find('\n', begin) + 1;
    (line % 8 < 2 ? few : rest) += all.substr(begin, end - begin);
    begin = end;
  }
  const auto taught = teach(make_adapt({std::string("learner=") + GetParam(), "ways=3", "shots=2", "queries=3",
                                        "hidden=12", "inner_rate=0.3", "batch=4", "eval_steps=5"}),
                            {.files = {many}});
  train_by_hand(*taught.training, 50, 0.01);
  const DataFiles shots{scratch.put("few.jsonl", few)}, others{scratch.put("rest.jsonl", rest)};
  const Adapted fitted = taught.trained().adapt(shots);
  EXPECT_EQ(fitted.examples, 6);
  EXPECT_EQ(fitted.classes, (std::vector<std::string>{"c0", "c1", "c2"}));
  fitted.model->save(scratch / "fitted.recur");
  const auto loaded = load_trained(scratch / "fitted.recur");
  const Evaluation result = loaded->evaluate(others);
  EXPECT_EQ(result.examples, 18);
  EXPECT_EQ(result.at("loss"), fitted.model->evaluate(others).at("loss"));
  // A reader takes longer to learn than a test may; of values it does (SinusoidsAreAdaptedToBetterThanFromScratch).
  if (std::string(GetParam()) != "reader") {
    EXPECT_GT(result.at("accuracy"), 0.6);
  }
  Kept one, many_rows, direct;
  with_use(*loaded, {"eval_batch=1"})->predict(others, one);
  loaded->predict(others, many_rows);
  EXPECT_EQ(one.names(), (std::vector<std::string>{"id", "label", "probability", "p.c0", "p.c1", "p.c2"}));
  ASSERT_EQ(one.rows().size(), 18u);
  for (size_t i = 0; i < 18; ++i) {
    EXPECT_EQ(one.rows()[i][1], many_rows.rows()[i][1]);
    EXPECT_NEAR(std::get<double>(one.rows()[i][2]), std::get<double>(many_rows.rows()[i][2]), 1e-5);
  }
  with_use(taught.trained(), {"shots_file=" + (scratch / "few.jsonl").string()})->predict(others, direct);
  EXPECT_EQ(direct.rows(), many_rows.rows());
  EXPECT_ERROR(loaded->adapt(shots), "fitted to 6 examples already");
  EXPECT_ERROR(loaded->evaluate({scratch.put("other.jsonl", R"({"values": [1, 2, 3], "label": "z"})")}),
               "was not seen in training");
}

INSTANTIATE_TEST_SUITE_P(Learners, Fitting, ::testing::Values("maml", "anil", "prototypes", "reader"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Adapt, ForecastsAndValuesInTheirOwnUnits) {
  const Scratch scratch;
  Random random(3);
  std::string series = "id,t,y\n", table = "id,a,b,y\n";
  for (int s = 0; s < 6; ++s) {
    const double level = 100 + 20 * random.uniform(), slope = random.uniform();
    for (int t = 0; t < 40; ++t) {
      series += fmt::format("s{},{},{:.3f}\n", s, t, level + 5 * std::sin(0.7 * t));
      const double a = random.normal(), b = random.normal();
      table += fmt::format("s{},{:.3f},{:.3f},{:.3f}\n", s, a, b, 50 + a - slope * b);
    }
  }
  {
    const auto file = scratch.put("series.csv", series);
    const auto taught = teach(make_adapt({"context=8", "horizon=2", "shots=3", "queries=4", "hidden=8", "batch=3",
                                          "learner=anil", "inner_rate=0.1"}),
                              {.files = {file}}, 60);
    const auto fitted = taught.trained().adapt({file}).model;
    Kept rows;
    fitted->predict({file}, rows);
    ASSERT_EQ(rows.rows().size(), 12u);
    EXPECT_EQ(rows.rows()[1][1], TableCell(int64_t{42}));
    for (const double value : rows.numbers("value")) EXPECT_NEAR(value, 110, 25);
    EXPECT_LT(fitted->evaluate({file}).at("loss"), 1.5);
    EXPECT_ERROR(taught.trained().adapt({scratch.put("short.csv", "id,t,y\na,0,1\na,1,2\n")}),
                 "no examples to adapt to; a series takes at least 10 steps");
  }
  const auto file = scratch.put("table.csv", table);
  const auto taught = teach(make_adapt({"target=value", "shots=5", "queries=5", "mlp=8", "value_columns=a,b,y",
                                        "id_column=id", "layout=long", "inner_rate=0.1"}),
                            {.files = {file}}, 60);
  EXPECT_EQ(taught.options().model.network, "mlp");
  Kept rows, without;
  const auto fitted = taught.trained().adapt({file}).model;
  fitted->predict({scratch.put("new.csv", "id,a,b,y\nn,0.5,0,\nn,0,0,\n")}, rows);
  fitted->predict({scratch.put("inputs.csv", "id,a,b\nn,0.5,0\nn,0,0\n")}, without);
  ASSERT_EQ(rows.rows().size(), 2u);
  EXPECT_EQ(rows.rows(), without.rows());
  for (const double value : rows.numbers("value")) EXPECT_NEAR(value, 50, 3);
}

TEST(Adapt, PicturesOfArraysAndTheirRotations) {
  const Scratch scratch;
  Random random(4);
  std::string pixels, labels;
  for (int i = 0; i < 24; ++i) {
    for (int k = 0; k < 64; ++k)
      pixels += static_cast<char>((k % 8 < 2 + i / 6 ? 200 : 10) + static_cast<int>(random.below(20)));
    labels += fmt::format("{}\n", i / 6);
  }
  const auto file = scratch.put("a.npy", npy_of("|u1", "(24, 8, 8)", pixels));
  const auto names = scratch.put("labels.csv", "class\n" + labels);
  const std::vector<std::string> options{"input=pictures",
                                         "labels_file=" + names.string(),
                                         "filters=4,4",
                                         "rotate=true",
                                         "learner=prototypes",
                                         "queries=2",
                                         "ways=3",
                                         "eval_problems=4"};
  const auto taught = teach(make_adapt(options), {.files = {file}}, 3);
  const AdaptShape& shape = own(taught.trained()).encoder().shape();
  EXPECT_TRUE(shape.picture);
  EXPECT_EQ(shape.steps, 8);
  EXPECT_GT(shape.scale, 200);
  EXPECT_EQ(own(taught.trained()).kept().categories, 16);
  taught.trained().save(scratch / "model.recur");
  const auto loaded = with_use(*load_trained(scratch / "model.recur"), {"labels_file=" + names.string()});
  EXPECT_EQ(loaded->evaluate({file}).at("accuracy"), taught.trained().evaluate({file}).at("accuracy"));

  // The same pictures as files in a list.
  std::string list;
  for (size_t i = 0; i < 24; ++i) {
    Image image{.height = 8, .width = 8, .values = {}};
    for (size_t k = 0; k < 64; ++k) {
      image.values.push_back(static_cast<float>(static_cast<unsigned char>(pixels[64 * i + k])) / 255);
    }
    scratch.put(fmt::format("{}.pgm", i), pnm_bytes(image, 8));
    list += fmt::format("{}.pgm,{}\n", i, i / 6);
  }
  const DataFile listed = scratch.put("list.txt", list);
  Kept of_array, of_list;
  taught.trained().adapt({file}).model->predict({file}, of_array);
  taught.trained().adapt({listed}).model->predict({listed}, of_list);
  ASSERT_EQ(of_list.rows().size(), 24u);
  for (size_t i = 0; i < 24; ++i) EXPECT_NEAR(of_list.numbers("p.1")[i], of_array.numbers("p.1")[i], 1e-4);

  // And a learner of files fitted to them reads arrays.
  const auto of_files =
      teach(make_adapt({"input=pictures", "filters=4,4", "learner=prototypes", "queries=2", "ways=3"}),
            {.files = {listed}}, 3);
  Kept from_files, from_array;
  const auto fitted = of_files.trained().adapt({listed}).model;
  fitted->predict({listed}, from_files);
  fitted->predict({file}, from_array);
  ASSERT_EQ(from_array.rows().size(), 24u);
  for (size_t i = 0; i < 24; ++i) EXPECT_NEAR(from_array.numbers("p.1")[i], from_files.numbers("p.1")[i], 1e-4);
}

TEST(Adapt, GoesOnToTheSameBits) {
  const Scratch scratch;
  const auto file = scratch.put("a.jsonl", wave_classes(8, 5, 1));
  for (const char* learner : {"maml", "reader"}) {
    const auto train = [&](const std::string& name, const std::string& steps) {
      recur::Run run("adapt");
      for (const std::string& each :
           {"data=" + file.string(), std::string("learner=") + learner, std::string("network=rnn"),
            std::string("hidden=4"), std::string("ways=2"), std::string("queries=2"),
            std::string("recurrent_dropout=0.2"), std::string("schedule=constant"), std::string("valid=0.3"),
            std::string("valid_problems=2"), "steps=" + steps})
        run.config().apply_override(each);
      run.train(scratch / (learner + name));
    };
    train("whole", "9");
    train("part", "4");
    auto rest = recur::Run::open(scratch / (learner + std::string("part")));
    rest->config().apply_override("steps=9");
    rest->resume();
    EXPECT_EQ(read_bytes(scratch / (learner + std::string("part")) / "model.recur"),
              read_bytes(scratch / (learner + std::string("whole")) / "model.recur"));
  }
}

TEST(Adapt, WhatCannotBeIsRefused) {
  const Scratch scratch;
  const auto file = scratch.put("a.jsonl", wave_classes(4, 3, 1));
  const auto begin = [&](const std::vector<std::string>& options, const TrainingData& data) {
    return make_adapt(options)->train(data, {});
  };
  const TrainingData classes{.files = {file}}, waves{.files = {DataFile("sinusoids")}};
  EXPECT_ERROR(begin({}, classes), "no class has the 6 examples that a problem takes, 1 shots and 5 queries");
  EXPECT_ERROR(begin({"queries=2"}, classes), "expected at least 5 classes with 3 examples each");
  EXPECT_ERROR(begin({"queries=2", "ways=3", "test=0.5"}, classes), "expected at least 3 classes");
  EXPECT_ERROR(begin({"queries=2", "ways=2", "network=none"}, classes), "none is for learner = reader");
  EXPECT_ERROR(begin({"queries=2", "ways=2", "rotate=true"}, classes), "rotate: expected pictures");
  EXPECT_ERROR(begin({"network=conv", "kernel=4", "queries=2", "ways=2"}, classes), "expected an odd number, got 4");
  EXPECT_ERROR(begin({"learner=prototypes"}, waves), "prototypes tell classes apart");
  EXPECT_ERROR(begin({"target=class"}, waves), "expected value with sinusoids");
  EXPECT_ERROR(begin({}, {.files = {DataFile("sinusoids")}, .held_out = 0.1}), "nothing is held out");
  EXPECT_ERROR(begin({"target=class"}, {.files = {scratch.put("n.csv", "t,y\n0,1\n1,2\n2,3\n")}}), "no label column");
  EXPECT_ERROR(begin({}, {.files = {scratch.put("s.csv", "id,t,y\na,0,1\na,1,2\nb,0,1\n")}}), "no series has");
  const auto taught = teach(make_adapt({"queries=1", "ways=2", "hidden=3"}), classes);
  EXPECT_ERROR(taught.trained().adapt({file}), "expected at most 2 classes, as many as the model has learnt to tell");
  EXPECT_ERROR(taught.trained().adapt({scratch.put("one.jsonl", R"({"values": [1, 2, 3], "label": "z"})")}),
               "expected examples of at least two classes");
}

}  // namespace
}  // namespace recur
