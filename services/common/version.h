// Says which build of a program is running.
#ifndef GONGJI_SERVICES_COMMON_VERSION_H_
#define GONGJI_SERVICES_COMMON_VERSION_H_

#include <string>

namespace gongji {

// "gongji-wallet 0.1.0 (1a2b3c4d5e)": version of the project and commit; "-dirty" is added to the
// commit if files were changed, and the commit is "unknown" outside of a repository.
std::string VersionText(const std::string& program);

// Makes absl::ParseCommandLine, to be called afterwards, answer --version with VersionText.
void AnswerVersionFlag(const std::string& program);

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_VERSION_H_
