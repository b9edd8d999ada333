// Registers the methods of one service as free functions `F(Domain&, CallContext, Request)`.
#ifndef GONGJI_SERVICES_COMMON_RPC_HANDLERS_H_
#define GONGJI_SERVICES_COMMON_RPC_HANDLERS_H_

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/rpc/methods.h"

namespace gongji::rpc {

template <class Domain>
class Handlers {
 public:
  // `methods` and `domain` must outlive the calls.
  Handlers(Methods& methods, std::string service, Domain& domain)
      : methods_(methods), service_(std::move(service)), domain_(domain) {}

  template <class Request, class Response>
  void Add(const std::string& method,
           Task<absl::StatusOr<Response>> (*handler)(Domain&, CallContext, Request)) const {
    methods_.Handle<Request, Response>(
        absl::StrCat(service_, "/", method),
        [&domain = domain_, handler](CallContext context, Request request) {
          return handler(domain, std::move(context), std::move(request));
        });
  }

 private:
  Methods& methods_;
  const std::string service_;
  Domain& domain_;
};

}  // namespace gongji::rpc

#endif  // GONGJI_SERVICES_COMMON_RPC_HANDLERS_H_
