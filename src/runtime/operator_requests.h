// What can be asked of the owner of a data directory. Only on the operator's executor.
#ifndef DRAGOMAN_SRC_RUNTIME_OPERATOR_REQUESTS_H_
#define DRAGOMAN_SRC_RUNTIME_OPERATOR_REQUESTS_H_

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <vector>

#include "dragoman/memory/memories.h"
#include "dragoman/memory/vault.h"
#include "dragoman/runtime/operator_host.h"
#include "dragoman/safety/store_ledgers.h"
#include "dragoman/tasks/operator.h"
#include "src/runtime/directory_requests.h"
#include "src/runtime/erasure.h"

namespace dragoman {

class OperatorRequests {
 public:
  // All borrowed.
  struct Parts {
    Operator* agent = nullptr;
    Store* store = nullptr;
    Executor* executor = nullptr;
    const ToolCatalog* tools = nullptr;
    Memories* memories = nullptr;
    Vault* vault = nullptr;  // null: nobody made one
    std::function<void(Vault::Ended)> init_vault;
    StoreLedgers* ledgers = nullptr;
    Erasure* erasure = nullptr;
    std::string tenant, user;
    std::string calls_folder;
    std::function<std::size_t()> calls_under_way;
  };
  explicit OperatorRequests(Parts parts);

  void Handle(const std::string& line, OperatorHost::Reply reply);
  void OnUpdate(const GoalUpdate& update);
  // Every follower gets a last line.
  void End();

 private:
  struct Follower {
    OperatorHost::Reply reply;
    bool until_it_waits = true;  // a question ends it too
  };
  using Json = nlohmann::json;

  void NewGoal(const Json& request, OperatorHost::Reply reply);
  void ListGoals(const Json& request, OperatorHost::Reply reply);
  void ShowGoal(const Json& request, OperatorHost::Reply reply);
  void ShowLog(const Json& request, OperatorHost::Reply reply);
  void Answer(const Json& request, OperatorHost::Reply reply);
  void Approve(const Json& request, bool yes, OperatorHost::Reply reply);
  void Cancel(const Json& request, OperatorHost::Reply reply);
  void Replan(const Json& request, OperatorHost::Reply reply);
  void Follow(const Json& request, OperatorHost::Reply reply);
  void Export(const Json& request, OperatorHost::Reply reply);
  void HandleMemory(const std::string& what, const Json& request, OperatorHost::Reply reply);
  void HandleVault(const std::string& what, const Json& request, OperatorHost::Reply reply);
  void ShowPersonal(OperatorHost::Reply reply);
  void EraseEverything(OperatorHost::Reply reply);
  void PutSecret(const Json& request, OperatorHost::Reply reply);
  void FollowFrom(const std::string& goal, const Json& request, OperatorHost::Reply reply);
  void ApproveItself(const std::string& goal);
  std::string GoalOf(const Json& request) const;

  const Parts with_;
  DirectoryRequests directory_;
  std::map<std::string, std::vector<Follower>> followers_;  // by goal
  std::set<std::string> approves_itself_;                   // goals whose owner said yes to all
  Lifetime lifetime_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_RUNTIME_OPERATOR_REQUESTS_H_
