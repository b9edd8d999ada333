// For tests: messages written as text, and compared as a whole.
#ifndef GONGJI_SERVICES_COMMON_TESTING_MESSAGES_H_
#define GONGJI_SERVICES_COMMON_TESTING_MESSAGES_H_

#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <string>

namespace gongji {

template <class Message>
Message Parsed(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

template <class Message>
void ExpectMessage(const Message& message, const std::string& text) {
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(message, Parsed<Message>(text)))
      << message.DebugString();
}

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_TESTING_MESSAGES_H_
