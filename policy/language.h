// The two languages in which texts for people are written (R42).
#ifndef GONGJI_POLICY_LANGUAGE_H_
#define GONGJI_POLICY_LANGUAGE_H_

namespace gongji {

enum class Language { kEnglish, kChinese };

// One text in both languages; neither may be empty.
struct Text {
  const char* en;
  const char* zh;

  const char* In(Language language) const { return language == Language::kChinese ? zh : en; }
};

}  // namespace gongji

#endif  // GONGJI_POLICY_LANGUAGE_H_
