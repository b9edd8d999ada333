// Registers the methods of one service as free functions `F(Domain&, CallContext, Request)`.
#ifndef GONGJI_SERVICES_COMMON_RPC_HANDLERS_H_
#define GONGJI_SERVICES_COMMON_RPC_HANDLERS_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/rpc/methods.h"

namespace gongji::rpc {

template <class Domain>
class Handlers {
 public:
  // `domain` is kept as long as the methods are served.
  Handlers(Methods& methods, std::string service, std::shared_ptr<Domain> domain)
      : methods_(methods), service_(std::move(service)), domain_(std::move(domain)) {}
  // `domain` must outlive the methods.
  Handlers(Methods& methods, std::string service, Domain& domain)
      : Handlers(methods, std::move(service), std::shared_ptr<Domain>(&domain, [](Domain*) {})) {}

  template <class Request, class Response>
  void Add(const std::string& method,
           Task<absl::StatusOr<Response>> (*handler)(Domain&, CallContext, Request)) const {
    methods_.Handle<Request, Response>(
        absl::StrCat(service_, "/", method),
        [domain = domain_, handler](CallContext context, Request request) {
          return handler(*domain, std::move(context), std::move(request));
        });
  }

 private:
  Methods& methods_;
  const std::string service_;
  const std::shared_ptr<Domain> domain_;
};

// INVALID_FIELD unless a batch holds 1..max items.
inline absl::Status CheckCount(const std::string& field, int count, int max) {
  if (count >= 1 && count <= max) return absl::OkStatus();
  return InvalidField(field, absl::StrCat("must hold 1 to ", max, " items"));
}

}  // namespace gongji::rpc

#endif  // GONGJI_SERVICES_COMMON_RPC_HANDLERS_H_
