#include "services/relation/certificate.h"

#include <gtest/gtest.h>

#include "services/common/errors/reasons.h"

namespace gongji::relation {
namespace {

struct Case {
  const char* name;
  const char* type;
  const char* number;
  const char* stored;  // "": refused
};

class CertificateTest : public testing::TestWithParam<Case> {};

TEST_P(CertificateTest, R43) {
  const auto checked = CheckCertificate({GetParam().type, GetParam().number}, "certificate");
  if (*GetParam().stored != '\0') {
    ASSERT_TRUE(checked.ok()) << checked.status();
    EXPECT_EQ(checked->number, GetParam().stored);
    return;
  }
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(ReasonOf(checked.status()), "INVALID_FIELD");
  // The number itself appears nowhere in the refusal.
  const std::string number = GetParam().number;
  if (number.empty()) return;
  EXPECT_EQ(checked.status().ToString().find(number), std::string::npos);
  const Metadata metadata = DetailOf(checked.status()).value_or(ErrorDetail{}).metadata;
  EXPECT_EQ(metadata.size(), 2u);
  for (const auto& [name, value] : metadata) {
    EXPECT_EQ(value.find(number), std::string::npos);
  }
}

// The valid numbers are the samples of the standard.
INSTANTIATE_TEST_SUITE_P(
    All, CertificateTest,
    testing::Values(Case{"CheckCharacterX", "01", "11010519491231002X", "11010519491231002X"},
                    Case{"LowerCaseX", "01", "11010519491231002x", "11010519491231002X"},
                    Case{"CheckCharacterDigit", "01", "440524188001010014", "440524188001010014"},
                    Case{"OldNumberOf15Digits", "01", "110105491231002", "11010519491231002X"},
                    Case{"WrongCheckCharacter", "01", "110105194912310021", ""},
                    Case{"NoSuchBirthDay", "01", "110105194902300020", ""},
                    Case{"TooShort", "01", "1101051949123100", ""}, Case{"Empty", "01", "", ""},
                    Case{"LetterInside", "01", "1101051949123A002X", ""},
                    Case{"OldNumberWithLetter", "01", "11010549123100A", ""},
                    Case{"Passport", "03", "e12345678", "E12345678"},
                    Case{"BirthCertificate", "08", "A310000001", "A310000001"},
                    Case{"BlankInside", "03", "E1234 678", ""},
                    Case{"TypeOfOneDigit", "1", "E12345678", ""},
                    Case{"TypeOfLetters", "ID", "E12345678", ""}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(CertificateTest, R43BoundsAreExactAndTheFieldIsNamed) {
  const auto field_of = [](const Certificate& certificate) {
    const auto detail = DetailOf(CheckCertificate(certificate, "c").status());
    return detail.has_value() ? detail->metadata.front().second : "";
  };
  EXPECT_EQ(field_of({"08", "1"}), "");
  EXPECT_EQ(field_of({"08", std::string(50, '1')}), "");
  EXPECT_EQ(field_of({"08", std::string(51, '1')}), "c.number");
  EXPECT_EQ(field_of({"08", ""}), "c.number");
  EXPECT_EQ(field_of({"08", "a b"}), "c.number");
  EXPECT_EQ(field_of({"01", "1"}), "c.number");
  EXPECT_EQ(field_of({"8", "1"}), "c.type");
  EXPECT_EQ(field_of({"008", "1"}), "c.type");
  EXPECT_EQ(field_of({"0x", "1"}), "c.type");
}

TEST(CertificateTest, R43WhatIsSealedCanBeOpened) {
  EXPECT_EQ(OpenNumber(SealNumber("11010519491231002X")), "11010519491231002X");
}

}  // namespace
}  // namespace gongji::relation
