// Holding an error against what its message must say.
#pragma once

#include <gmock/gmock.h>

#include "recur/base/error.h"

// Expects `statement` to throw recur::Error with a message that contains `text`.
#define EXPECT_ERROR(statement, text) \
  EXPECT_THAT([&] { statement; }, ::testing::ThrowsMessage<::recur::Error>(::testing::HasSubstr(text)))
