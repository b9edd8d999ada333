#include "tools/loadgen/echo.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/async_unary_call.h>

#include <memory>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/rpc/runtime_internal.h"

namespace gongji::rpc {
namespace {

using google::protobuf::Message;

// Calls that can be accepted at once; more than any measurement has in flight.
constexpr int kSlots = 512;

class EchoService final : public grpc::Service {
 public:
  EchoService() {
    AddMethod(new grpc::internal::RpcServiceMethod(path_.c_str(),
                                                   grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
    MarkMethodAsync(0);
  }

  void Request(grpc::ServerContext* context, Message* request,
               grpc::ServerAsyncResponseWriter<Message>* writer, grpc::ServerCompletionQueue* queue,
               void* tag) {
    RequestAsyncUnary(0, context, request, writer, queue, queue, tag);
  }

 private:
  const std::string path_ = absl::StrCat("/", kEchoMethod);
};

// One slot with its messages, which are reused: allocating them would cost as much as parsing.
class Call final : public Tag {
 public:
  Call(EchoService& service, grpc::ServerCompletionQueue* queue, const Message& prototype)
      : service_(service), queue_(queue), request_(prototype.New()), response_(prototype.New()) {
    Wait();
  }

  void OnEvent(bool ok) override {
    if (waiting_ && ok) {
      waiting_ = false;
      response_->CopyFrom(*request_);
      writer_->Finish(*response_, grpc::Status::OK, this);
    } else {
      Wait();
    }
  }

 private:
  using Writer = grpc::ServerAsyncResponseWriter<Message>;

  void Wait() {
    waiting_ = true;
    writer_.reset();
    context_.emplace();
    writer_ = std::make_unique<Writer>(&*context_);
    request_->Clear();
    service_.Request(&*context_, request_.get(), &*writer_, queue_, this);
  }

  EchoService& service_;
  grpc::ServerCompletionQueue* const queue_;
  const std::unique_ptr<Message> request_;
  const std::unique_ptr<Message> response_;
  bool waiting_ = false;
  std::optional<grpc::ServerContext> context_;
  std::unique_ptr<Writer> writer_;
};

}  // namespace

absl::Status ServeEcho(const std::string& listen, const Message& prototype,
                       const std::function<void(const std::string& address)>& serving) {
  EchoService service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(listen, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const auto queue = builder.AddCompletionQueue();
  const auto server = builder.BuildAndStart();
  if (server == nullptr) return absl::UnavailableError(absl::StrCat("cannot listen on ", listen));
  std::vector<std::unique_ptr<Call>> calls;
  calls.reserve(kSlots);
  for (int i = 0; i < kSlots; ++i) {
    calls.push_back(std::make_unique<Call>(service, queue.get(), prototype));
  }
  const bool local = listen.starts_with("unix:");
  serving(local ? listen : absl::StrCat(listen.substr(0, listen.rfind(':')), ":", port));
  void* tag = nullptr;
  bool ok = false;
  while (queue->Next(&tag, &ok)) static_cast<Tag*>(tag)->OnEvent(ok);
  return absl::OkStatus();
}

}  // namespace gongji::rpc
