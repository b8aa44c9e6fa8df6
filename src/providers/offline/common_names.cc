#include "src/providers/offline/common_names.h"

#include <string_view>

#include "dragoman/core/text.h"

namespace dragoman::offline {
namespace {

constexpr std::string_view kNames =
    "smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez "
    "gonzalez wilson anderson thomas taylor moore jackson martin lee perez thompson white harris "
    "sanchez clark ramirez lewis robinson walker young allen king wright scott torres nguyen hill "
    "flores green adams nelson baker hall rivera campbell mitchell carter roberts gomez phillips "
    "evans turner diaz parker cruz edwards collins reyes stewart morris morales murphy cook rogers "
    "gutierrez ortiz morgan cooper peterson bailey reed kelly howard ramos kim cox ward richardson "
    "watson brooks chavez wood bennett gray mendoza ruiz hughes price alvarez castillo sanders "
    "patel myers long ross foster jimenez powell jenkins perry russell sullivan bell coleman "
    "butler "
    "henderson barnes fisher simmons jordan reynolds graham wallace cole west stone holmes rice "
    "hunt black palmer wagner fox rose shaw burns gordon weber schmidt mueller fischer meyer "
    "schneider becker hoffman klein wolf novak horvat kowalski nowak ivanov petrov silva santos "
    "costa rossi russo ferrari esposito bianchi romano marino dubois moreau laurent simon michel "
    "bernard durand leroy singh khan ali ahmed hussein chen wang li zhang liu yang huang zhao wu "
    "zhou tanaka suzuki sato watanabe park choi murray walsh ryan byrne oconnor oneill mcdonald "
    "james mary john patricia robert jennifer michael linda david elizabeth william barbara "
    "richard susan joseph jessica sarah charles karen christopher lisa daniel nancy matthew betty "
    "anthony sandra mark margaret donald ashley steven emily paul kimberly andrew donna joshua "
    "michelle kenneth carol kevin amanda brian melissa george deborah timothy stephanie ronald "
    "rebecca jason laura edward sharon jeffrey cynthia jacob amy gary kathleen nicholas angela "
    "eric shirley jonathan anna stephen emma larry pamela justin nicole brandon samantha benjamin "
    "katherine samuel christine gregory helen alexander rachel patrick maria frank olivia raymond "
    "julia jack grace dennis alice jerry diana tyler sophia aaron jane jose ruth henry eva adam "
    "ann douglas ella nathan nora peter zoe oscar hugo ivan lucas max leo otto felix clara lena "
    "marie sofia lucia elena carla irene marta pablo pedro juan carlos luis miguel omar amir yusuf "
    "fatima aisha leila priya anita ravi arun mei wei jun yuki hana kenji";

}  // namespace

std::vector<std::string> CommonNames() {
  std::vector<std::string> names;
  for (std::string_view name : SplitWords(kNames)) names.emplace_back(name);
  return names;
}

}  // namespace dragoman::offline
