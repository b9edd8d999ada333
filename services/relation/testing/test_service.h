// For tests: the service through its wire, a real server and channel on a Unix socket.
#ifndef GONGJI_SERVICES_RELATION_TESTING_TEST_SERVICE_H_
#define GONGJI_SERVICES_RELATION_TESTING_TEST_SERVICE_H_

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "gongji/relation/v1/relation.pb.h"
#include "services/common/rpc/channel.h"
#include "services/common/rpc/server.h"
#include "services/common/testing/temporary_folder.h"
#include "services/relation/relation_service.h"
#include "services/relation/testing/test_family.h"

namespace gongji::relation {

// The service in a process of its own, as far as a caller can see.
class RelationServiceTest : public testing::Test {
 public:
  RelationServiceTest()
      : folder_(MakeTemporaryFolder()),
        runtime_({.business_time = At("2026-03-02T09:30:00+08:00")}),
        scope_(std::make_unique<TaskScope>()),
        server_(std::make_unique<rpc::Server>(
            runtime_, *scope_, NullMetrics(),
            rpc::ServerOptions{.listen = "unix:" + folder_ + "/relation"})),
        store_(
            NewMemoryRelationStore(runtime_, disk_, {.full = [this] { return BeforeCommit(); }})),
        relations_(runtime_, *store_, peers_, ShippedPolicy()),
        executor_([this] { runtime_.Run(); }) {
    AddRelationService(*server_, relations_);
    Wait<absl::Status>([this] { return store_->TakeOver(); }).IgnoreError();
    const std::string address = server_->Start().value();
    channel_ = std::make_unique<rpc::Channel>(runtime_, address);
  }
  ~RelationServiceTest() override {
    server_->Drain(absl::ZeroDuration());
    runtime_.Stop();
    executor_.join();
    scope_.reset();
    channel_.reset();
    runtime_.Shutdown();
    server_.reset();
    std::filesystem::remove_all(folder_);
  }

 protected:
  template <class Response, class Request>
  absl::StatusOr<Response> Call(const std::string& method, Request request) {
    return Wait<absl::StatusOr<Response>>([&] {
      return channel_->Call<Request, Response>("gongji.relation.v1.RelationService/" + method,
                                               request, runtime_.Now() + absl::Seconds(5));
    });
  }

  void Register(const Person& person) {
    v1::BatchRegisterPersonsRequest request;
    *request.add_persons() = Message(person);
    const auto response = Call<v1::BatchRegisterPersonsResponse>("BatchRegisterPersons", request);
    ASSERT_TRUE(response.ok()) << response.status();
    ASSERT_TRUE(response->outcomes(0).has_written()) << response->DebugString();
  }

  v1::RegisterPerson Message(const Person& person) {
    v1::RegisterPerson message;
    message.set_request_id("person-" + std::to_string(++requests_));
    v1::Person& to = *message.mutable_person();
    to.set_psn_no(person.psn_no);
    to.set_name(person.name);
    to.mutable_certificate()->set_type(person.certificate.type);
    to.mutable_certificate()->set_number(person.certificate.number);
    for (const Insurance& insurance : person.insurances) {
      v1::Insurance& added = *to.add_insurances();
      added.set_insurance_type(insurance.insurance_type);
      added.set_area(insurance.area);
      added.set_person_type(insurance.person_type);
      added.set_status(v1::INSURANCE_STATUS_NORMAL);
      added.set_insured_from(FormatDay(insurance.from));
    }
    if (person.has_account) {
      to.mutable_account()->set_status(policy::v1::ACCOUNT_STATUS_NORMAL);
    }
    return message;
  }

  v1::RecordFact MotherOf(const std::string& mother, const std::string& child) {
    v1::RecordFact message;
    message.set_request_id("fact-" + std::to_string(++requests_));
    v1::Fact& fact = *message.mutable_fact();
    fact.set_kind(v1::FACT_KIND_PARENTHOOD);
    fact.set_psn_no(mother);
    fact.set_other_psn_no(child);
    fact.set_parent_role(v1::PARENT_ROLE_MOTHER);
    fact.set_evidence(policy::v1::EVIDENCE_LEVEL_REGISTRY);
    fact.set_source("birth register");
    return message;
  }

  RelationDisk disk_;
  std::atomic<bool> full_ = false;
  // Another writer changes this person before every commit.
  std::string meddled_with_;
  FakePeers peers_;
  int requests_ = 0;

 private:
  bool BeforeCommit() {
    const auto dossier = disk_.dossiers.find(meddled_with_);
    if (dossier != disk_.dossiers.end()) {
      Dossier changed = *dossier->second;
      ++changed.version;
      dossier->second = std::make_shared<const Dossier>(std::move(changed));
    }
    return full_;
  }

  // Runs the task that `make` returns on the executor and waits for it.
  template <class T>
  T Wait(const std::function<Task<T>()>& make) {
    std::promise<T> done;
    runtime_.Post([&] { scope_->Spawn(Fulfil(make(), &done)); });
    return done.get_future().get();
  }
  template <class T>
  static Task<void> Fulfil(Task<T> task, std::promise<T>* done) {
    done->set_value(co_await std::move(task));
  }

  const std::string folder_;
  rpc::Runtime runtime_;
  std::unique_ptr<TaskScope> scope_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<rpc::Channel> channel_;
  std::unique_ptr<RelationStore> store_;
  Relations relations_;
  std::thread executor_;
};

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_TESTING_TEST_SERVICE_H_
