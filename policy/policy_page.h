// The rules of an area on one day, as a page for people who know the law but no code.
#ifndef GONGJI_POLICY_POLICY_PAGE_H_
#define GONGJI_POLICY_POLICY_PAGE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "policy/language.h"
#include "policy/policy.h"

namespace gongji::policy {

struct PageOf {
  std::string area;  // two digits of a province or six of a pooling area
  BusinessDay day;
  Language language = Language::kEnglish;
};

// Returns Markdown. Each rule is a sentence with its value, followed by the days on which it is in
// force, the layer and place of the file it comes from, its source, and whether it is assumed.
// `texts` are all policy files. INVALID_ARGUMENT with every mistake in them, or for an area that
// does not exist; NOT_FOUND without a national file.
absl::StatusOr<std::string> PolicyPage(const std::vector<PolicyText>& texts, const PageOf& of);

}  // namespace gongji::policy

#endif  // GONGJI_POLICY_POLICY_PAGE_H_
