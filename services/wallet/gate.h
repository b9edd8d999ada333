// Lets a call to one of the shard's services begin only if this process may serve (Leadership).
#ifndef GONGJI_SERVICES_WALLET_GATE_H_
#define GONGJI_SERVICES_WALLET_GATE_H_

#include <memory>
#include <string>
#include <utility>

#include "services/common/env.h"
#include "services/common/errors/reasons.h"
#include "services/common/rpc/methods.h"
#include "services/wallet/writer/leadership.h"

namespace gongji::wallet {

// `env`, `methods` and `leadership` must outlive the gate's calls.
class Gate final : public rpc::Methods {
 public:
  Gate(Env& env, rpc::Methods& methods, Leadership& leadership)
      : env_(env), methods_(methods), leadership_(leadership) {}

  void HandleRaw(const std::string& method, RawHandler handler) override {
    const auto shared = std::make_shared<const RawHandler>(std::move(handler));
    methods_.HandleRaw(method, [this, shared](rpc::CallContext context, std::string request) {
      return Pass(shared, std::move(context), std::move(request));
    });
  }

 private:
  Task<absl::StatusOr<std::string>> Pass(std::shared_ptr<const RawHandler> handler,
                                         rpc::CallContext context, std::string request) {
    CO_RETURN_IF_ERROR(co_await leadership_.Admit());
    // It may have waited.
    if (env_.Now() >= context.deadline) co_return Refuse(reason::kDeadlineTooShort);
    leadership_.CallBegins();
    auto answer = co_await (*handler)(std::move(context), std::move(request));
    leadership_.CallEnds();
    co_return answer;
  }

  Env& env_;
  rpc::Methods& methods_;
  Leadership& leadership_;
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_GATE_H_
