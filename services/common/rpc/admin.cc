#include "services/common/rpc/admin.h"

#include <civetweb.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace gongji::rpc {

struct Admin::Impl {
  mg_context* context = nullptr;
  std::function<std::string()> metrics;
  std::function<bool()> ready;

  static int Reply(mg_connection* connection, int status, const std::string& text) {
    mg_printf(connection,
              "HTTP/1.1 %d %s\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
              "Content-Length: %zu\r\nConnection: close\r\n\r\n",
              status, mg_get_response_code_text(connection, status), text.size());
    mg_write(connection, text.data(), text.size());
    return status;
  }
  static int OnMetrics(mg_connection* connection, void* self) {
    return Reply(connection, 200, static_cast<Impl*>(self)->metrics());
  }
  static int OnLive(mg_connection* connection, void* /*self*/) {
    return Reply(connection, 200, "ok\n");
  }
  static int OnReady(mg_connection* connection, void* self) {
    return static_cast<Impl*>(self)->ready() ? Reply(connection, 200, "ok\n")
                                             : Reply(connection, 503, "not ready\n");
  }
  static int OnOther(mg_connection* connection, void* /*self*/) {
    return Reply(connection, 404, "not found\n");
  }
};

Admin::Admin() : impl_(std::make_unique<Impl>()) {}

Admin::~Admin() {
  if (impl_->context != nullptr) mg_stop(impl_->context);
}

absl::StatusOr<std::unique_ptr<Admin>> Admin::Start(const std::string& listen,
                                                    std::function<std::string()> metrics,
                                                    std::function<bool()> ready) {
  auto admin = std::unique_ptr<Admin>(new Admin());
  admin->impl_->metrics = std::move(metrics);
  admin->impl_->ready = std::move(ready);
  const char* options[] = {"listening_ports",    listen.c_str(), "num_threads", "2",
                           "request_timeout_ms", "5000",         nullptr};
  admin->impl_->context = mg_start(nullptr, nullptr, options);
  if (admin->impl_->context == nullptr) {
    return absl::UnavailableError(absl::StrCat("cannot serve the admin port on ", listen));
  }
  mg_context* context = admin->impl_->context;
  mg_set_request_handler(context, "/metrics$", Impl::OnMetrics, admin->impl_.get());
  mg_set_request_handler(context, "/livez$", Impl::OnLive, admin->impl_.get());
  mg_set_request_handler(context, "/readyz$", Impl::OnReady, admin->impl_.get());
  mg_set_request_handler(context, "**", Impl::OnOther, admin->impl_.get());
  mg_server_port ports[1];
  if (mg_get_server_ports(context, 1, ports) != 1) {
    return absl::UnavailableError("the admin port does not listen");
  }
  const size_t colon = listen.rfind(':');
  const std::string host = colon == std::string::npos ? "127.0.0.1" : listen.substr(0, colon);
  admin->address_ = absl::StrCat(host, ":", ports[0].port);
  return admin;
}

}  // namespace gongji::rpc
