// Methods by path: coroutines that see messages and statuses, but not what carries them.
#ifndef GONGJI_SERVICES_COMMON_RPC_METHODS_H_
#define GONGJI_SERVICES_COMMON_RPC_METHODS_H_

#include <functional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/caller.h"
#include "services/common/env.h"
#include "services/common/errors/reasons.h"
#include "services/common/task.h"

namespace gongji::rpc {

// What a handler knows about its call besides the request.
struct CallContext {
  Caller caller;
  // Wall clock; the answer must be ready by then (deadline.h).
  absl::Time deadline;
  // Belongs to the server and outlives every call, as `scope` does.
  Env* env = nullptr;
  TaskScope* scope = nullptr;
};

class Methods {
 public:
  using RawHandler =
      std::function<Task<absl::StatusOr<std::string>>(CallContext context, std::string request)>;

  virtual ~Methods() = default;

  // Serves `method`, e.g. "gongji.wallet.v1.WalletService/BatchApply". Call it before the first
  // call arrives.
  template <class Request, class Response>
  void Handle(const std::string& method,
              std::function<Task<absl::StatusOr<Response>>(CallContext, Request)> handler) {
    HandleRaw(method, [handler = std::move(handler)](CallContext context, std::string bytes) {
      return Typed<Request, Response>(handler, std::move(context), std::move(bytes));
    });
  }
  virtual void HandleRaw(const std::string& method, RawHandler handler) = 0;

 private:
  // `handler` belongs to the methods and outlives every call.
  template <class Request, class Response>
  static Task<absl::StatusOr<std::string>> Typed(
      const std::function<Task<absl::StatusOr<Response>>(CallContext, Request)>& handler,
      CallContext context, std::string bytes) {
    Request request;
    if (!request.ParseFromString(bytes)) {
      co_return InvalidField("request", "not a message of this method");
    }
    ASSIGN_OR_CO_RETURN(const Response response,
                        co_await handler(std::move(context), std::move(request)));
    co_return response.SerializeAsString();
  }
};

}  // namespace gongji::rpc

#endif  // GONGJI_SERVICES_COMMON_RPC_METHODS_H_
