#include "src/safety/safe_lines.h"

#include <array>

namespace dragoman::safety {
namespace {

struct Lines {
  std::string_view language;
  // By reason, two each.
  std::array<std::array<std::string_view, 2>, 3> lines;
};

constexpr std::array<Lines, 4> kLines = {{
    {"en",
     {{{"I'm not able to share that over the phone.", "That is something I can't give out here."},
       {"I'd have to ask the person I'm calling for before I can say yes to that.",
        "I can't decide that myself; let me take your offer back and ask."},
       {"Let me make sure that this has really gone through.",
        "I'd like to check that before I tell you."}}}},
    {"de",
     {{{"Das darf ich am Telefon nicht weitergeben.", "Dazu kann ich hier nichts sagen."},
       {"Das muss ich erst mit meinem Auftraggeber kl\xC3\xA4ren.",
        "Das kann ich nicht selbst entscheiden; ich frage gern nach."},
       {"Ich pr\xC3\xBC"
        "fe erst, ob das wirklich geklappt hat.",
        "Das m\xC3\xB6"
        "chte ich zuerst nachsehen."}}}},
    {"es",
     {{{"No puedo dar ese dato por tel\xC3\xA9"
        "fono.",
        "Eso no lo puedo compartir aqu\xC3\xAD."},
       {"Antes de aceptar tengo que consultarlo con la persona para la que llamo.",
        "No puedo decidirlo yo; lo consulto y le digo."},
       {"D\xC3\xA9jeme comprobar que de verdad se ha hecho.",
        "Prefiero comprobarlo antes de confirm\xC3\xA1rselo."}}}},
    {"fr",
     {{{"Je ne peux pas donner cette information au t\xC3\xA9l\xC3\xA9phone.",
        "Cela, je ne peux pas le communiquer ici."},
       {"Je dois d'abord demander \xC3\xA0 la personne pour qui j'appelle.",
        "Je ne peux pas en d\xC3\xA9"
        "cider moi-m\xC3\xAAme ; je vais demander."},
       {"Laissez-moi v\xC3\xA9rifier que c'est bien fait.",
        "Je pr\xC3\xA9"
        "f\xC3\xA8re v\xC3\xA9rifier avant de vous le dire."}}}},
}};

}  // namespace

std::string_view SafeLine(StopReason reason, std::string_view language, int nth) {
  const Lines* chosen = &kLines[0];
  for (const Lines& lines : kLines) {
    if (language.substr(0, 2) == lines.language) chosen = &lines;
  }
  return chosen->lines[static_cast<std::size_t>(reason)][static_cast<std::size_t>(nth & 1)];
}

}  // namespace dragoman::safety
