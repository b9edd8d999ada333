// Stands before the methods of a service and asks for each call whether it may begin.
#ifndef GONGJI_SERVICES_WALLET_GATE_H_
#define GONGJI_SERVICES_WALLET_GATE_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "services/common/env.h"
#include "services/common/errors/status.h"
#include "services/common/rpc/methods.h"

namespace gongji::rpc {

// `Keeper` has `Task<absl::Status> Admit()`, `CallBegins()` and `CallEnds()`; it and `methods` must
// outlive the gate's calls, as must `env`.
template <class Keeper>
class Gate final : public Methods {
 public:
  Gate(Env& env, Methods& methods, Keeper& keeper)
      : env_(env), methods_(methods), keeper_(keeper) {}

  void HandleRaw(const std::string& method, RawHandler handler) override {
    const auto shared = std::make_shared<const RawHandler>(std::move(handler));
    methods_.HandleRaw(method, [this, shared](CallContext context, std::string request) {
      return Pass(shared, std::move(context), std::move(request));
    });
  }

 private:
  Task<absl::StatusOr<std::string>> Pass(std::shared_ptr<const RawHandler> handler,
                                         CallContext context, std::string request) {
    CO_RETURN_IF_ERROR(co_await keeper_.Admit());
    // It may have waited.
    if (env_.Now() >= context.deadline) co_return Refuse(reason::kDeadlineTooShort);
    keeper_.CallBegins();
    auto answer = co_await (*handler)(std::move(context), std::move(request));
    keeper_.CallEnds();
    co_return answer;
  }

  Env& env_;
  Methods& methods_;
  Keeper& keeper_;
};

}  // namespace gongji::rpc

#endif  // GONGJI_SERVICES_WALLET_GATE_H_
