"""PURE. Every refusal of the voting machine, named in one place.

A refusal is for a person to read: `text` is the Dutch message id, `values` fill its
placeholders. Counters translate it (`gettext(refusal.text, **refusal.values)`).
"""

from typing import ClassVar

from ballots.words import N_


class Refusal(Exception):
    """Something a person asked for that cannot be done; the sentence says why and what to do."""

    text: ClassVar[str] = N_("Dit kan niet.")

    def __init__(self, **values: object) -> None:
        super().__init__(self.text % values if values else self.text)
        self.values = values


class KeyMissing(Refusal):
    text = N_(
        "Een geheime sleutel van deze stemming is niet te lezen. Zet het sleutelbestand terug uit de "
        "verzegelde envelop. Er is niets verloren."
    )


class KeyStays(Refusal):
    text = N_(
        "Het sleutelbestand %(file)s kon niet worden vernietigd. De dienst probeert het elke minuut opnieuw. "
        "Meld dit aan wie de server beheert."
    )


class MixKeyStrange(KeyMissing):
    text = N_(
        "Het bestand met de mengsleutel hoort niet bij deze stemming. Zet de goede sleutel terug uit de "
        "verzegelde envelop, en zoek uit wie het bestand veranderde. Er is niets verloren."
    )


class SeedMissing(Refusal):
    text = N_(
        "Deze brieven kunnen niet opnieuw worden gemaakt: het drukken is al bevestigd "
        "en de codes zijn daarna vernietigd."
    )


class KeysNotReady(Refusal):
    text = N_(
        "Deze stemming is nog niet open: de sleutelhouders hebben hun sleutels nog niet alle drie beproefd."
    )


class SheetsWait(Refusal):
    text = N_("De stembus is verzegeld. Twee sleutelhouders moeten hun sleutelblad invoeren voor de telling.")


class SheetsOther(Refusal):
    text = N_(
        "Deze twee sleutelbladen passen niet bij elkaar of niet bij deze stemming. Controleer ze nog eens."
    )


class SheetsPrinted(Refusal):
    text = N_(
        "De sleutelbladen zijn gedrukt en hier vernietigd. Daarom kan er geen blad meer opnieuw worden gedrukt."
    )


class SheetsUntried(Refusal):
    text = N_(
        "Nog niet alle drie de paren zijn beproefd. Beproef eerst de bladen: zolang kan een blad dat niet "
        "werkt opnieuw worden gedrukt."
    )


class MixKeyThere(Refusal):
    text = N_("De mengsleutel van deze stemming is er nog. Er is niets om terug te zetten.")


class MixKeyGone(Refusal):
    text = N_("De sleutels van deze stemming zijn met opzet vernietigd. Zij zijn niet meer nodig.")


class MixKeyOther(Refusal):
    text = N_(
        "Deze sleutel hoort niet bij deze stemming. Er is niets veranderd. "
        "Kijk of dit het blad van deze stemming is."
    )


class AnswerSpoiled(Refusal):
    text = N_(
        "Een stem in de stembus is beschadigd en kan niet worden geopend. Er wordt niets geteld. "
        "Zet een reservekopie terug of waarschuw de beheerder."
    )


class StatementsLogged(Refusal):
    text = N_(
        "De database schrijft stemmen op in haar logboek. Zolang dat zo is, kan niemand stemmen. Laat de "
        "beheerder van de database dit uitvoeren en start de dienst opnieuw: %(commands)s"
    )


class BackupPutBack(Refusal):
    text = N_(
        "Er is een oudere kopie van de database teruggezet: er ontbreken stemmen die er al waren. Stemmen kan weer "
        "als twee mensen de database met het laatste openbare controlepunt hebben vergeleken. Wat u moet doen, "
        "staat op de pagina van deze stemming."
    )


class BackupBehind(Refusal):
    text = N_(
        "Op het openbare stembord stond al meer dan in deze database. Hiermee kan de stemming niet verder. "
        "Zet een nieuwere kopie terug."
    )


class BackupNone(Refusal):
    text = N_("De stembus is niet dicht: in deze database ontbreekt niets van wat er al was.")


class RecountFailed(Refusal):
    text = N_("Het narekenen van de uitslag mislukte: %(said)s De sleutels zijn bewaard.")


class NoLetters(Refusal):
    text = N_("Er zijn geen brieven. Voeg eerst adressen toe.")


class DatesWrong(Refusal):
    text = N_("De stemming moet sluiten nadat zij opent, en opent niet in het verleden.")


class AlreadyClosed(Refusal):
    text = N_("Deze stemming is al gesloten.")


class AlreadyWithdrawn(Refusal):
    text = N_("Deze stemming is al ingetrokken.")


class ReasonMissing(Refusal):
    text = N_("Schrijf op waarom. De reden is voor iedereen te lezen.")


class NotDue(Refusal):
    text = N_("Deze stemming is nog niet voorbij. Zij sluit vanzelf op de afgesproken tijd.")


class NotClosed(Refusal):
    text = N_("Deze stemming is nog niet geteld. Tot die tijd kan niemand een tussenstand zien.")


class NotReconciled(Refusal):
    text = N_(
        "De telling klopt niet: %(issued)d brieven, waarvan %(used)d gebruikt, %(open)d open en "
        "%(void)d ongeldig; %(ballots)d stemmen in de stembus. Er wordt niets geteld tot het verschil verklaard is."
    )


class PaperWaits(NotReconciled):
    text = N_("Er zijn nog %(waiting)d papieren stemmen in te voeren. Daarna kan er worden geteld.")


# Letters and days, once a poll is frozen


class SerialsMissing(Refusal):
    text = N_("Vul het nummer van een brief in. Het staat op de brief, achter “Brief”.")


class SerialsWrong(Refusal):
    text = N_(
        "“%(part)s” is geen nummer van een brief. Zet elk nummer op een eigen regel, of schrijf een reeks "
        "zo: 12-20."
    )


class SerialsTooMany(Refusal):
    text = N_("Dit zijn te veel brieven in één keer. Vul er hoogstens %(most)d in.")


class LettersUnknown(Refusal):
    text = N_("Er is niets veranderd. Deze nummers horen niet bij een brief van deze stemming: %(serials)s.")


class LettersUsed(Refusal):
    text = N_("Er is niets veranderd. Met deze brieven is al gestemd: %(serials)s.")


class LettersVoid(Refusal):
    text = N_("Er is niets veranderd. Deze brieven zijn al ongeldig: %(serials)s.")


class LettersOpen(Refusal):
    text = N_("Er is niets veranderd. Met deze brieven is nog niet gestemd: %(serials)s.")


class LettersContested(Refusal):
    text = N_("Er is niets veranderd. Deze brieven staan al als betwist op het bord: %(serials)s.")


class ReplacedAlone(Refusal):
    text = N_(
        "De laatste %(days)d dagen zijn al %(most)d brieven door één persoon vervangen. "
        "Stel deze voor, dan kan een collega het bevestigen."
    )


class LettersMixed(Refusal):
    text = N_(
        "Er is niets veranderd. Haal deze nummers eruit. Geen brief van deze stemming: %(unknown)s. "
        "Al gestemd: %(used)s. Al ongeldig: %(void)s."
    )


class LettersMixedUsed(Refusal):
    text = N_(
        "Er is niets veranderd. Haal deze nummers eruit. Geen brief van deze stemming: %(unknown)s. "
        "Nog niet gestemd: %(open)s. Ongeldig: %(void)s. Al betwist: %(contested)s."
    )


class LengthenNever(Refusal):
    text = N_("Bij het vastzetten is gekozen dat deze stemming niet wordt verlengd.")


class LengthenedBefore(Refusal):
    text = N_("Deze stemming is al een keer verlengd. Dat kan maar één keer.")


class LengthenNotLater(Refusal):
    text = N_("Kies een dag na de laatste dag die nu geldt.")


class LengthenTooLong(Refusal):
    text = N_("Deze stemming kan hoogstens %(days)d dagen langer duren. Dat is vooraf vastgezet.")


class PaperTooEarly(Refusal):
    text = N_(
        "Papieren stemmen worden ingevoerd als de stemming voorbij is, zodat niemand een tussenstand ziet."
    )


class PaperTooMany(Refusal):
    text = N_(
        "Dit zijn er %(over)d meer dan er brieven voor papier zijn ingewisseld. Tel de papieren nog eens."
    )


class PaperWrong(Refusal):
    text = N_("Het %(number)de biljet klopt niet met het stembiljet. Er is niets ingevoerd.")


class PaperNotNext(Refusal):
    text = N_(
        "Dit biljet is nu niet aan de beurt. Misschien is het al ingevoerd. Ga verder met biljet %(next)d."
    )


class PaperAllEntered(Refusal):
    text = N_("Alle biljetten zijn ingevoerd. Kijk nu of de twee invoeren gelijk zijn.")


class PaperOtherHand(Refusal):
    text = N_(
        "U voerde deze biljetten al een keer in. De andere keer moet een collega doen, zodat een fout opvalt."
    )


class PaperAgrees(Refusal):
    text = N_(
        "Bij biljet %(number)d verschillen de twee invoeren niet. Daar hoeft niemand nog naar te kijken."
    )


class PaperNotBoth(Refusal):
    text = N_("De derde blik begint als allebei alle biljetten hebben ingevoerd. Dat is nog niet zo.")


class PaperCompared(Refusal):
    text = N_(
        "Allebei hebben alles ingevoerd, en de verschillen zijn te zien. Daarom kan niemand nog een biljet "
        "terughalen. Is er bij een biljet verschil? Kijk er dan een derde keer naar: dat beslist."
    )


class PaperWithoutReason(Refusal):
    text = N_("Schrijf op waarom dit biljet er niet is. De reden komt in het logboek.")


class PaperUnsettled(Refusal):
    text = N_("De twee invoeren zijn nog niet klaar of niet gelijk. Er is niets bevestigd.")


class PaperNothingToUndo(Refusal):
    text = N_("Er is geen biljet om terug te halen.")


class NegativeNumber(Refusal):
    text = N_("Een aantal kan niet kleiner zijn dan nul.")


class NoTie(Refusal):
    text = N_("Tussen deze mogelijkheden hoeft niet te worden geloot.")


class WitnessesMissing(Refusal):
    text = N_("Noem twee of meer mensen die bij de loting waren.")


class CodeUnknown(Refusal):
    text = N_("Deze code kennen wij niet. Kijk of de code en het webadres dezelfde zijn als op de brief.")


class TooEarly(Refusal):
    text = N_("U kunt nog niet stemmen.")


class TooLate(Refusal):
    text = N_("U kunt niet meer stemmen. De stemming is gesloten.")


class Withdrawn(Refusal):
    text = N_("Deze stemming is ingetrokken.")


class LetterVoid(Refusal):
    text = N_("Deze brief is niet meer geldig.")


class LetterUsed(Refusal):
    text = N_("Met deze brief is al gestemd.")


class ControlTaken(Refusal):
    text = N_(
        "Uw controlecode was al van een andere stem. Vul uw stemcode nog een keer in, dan krijgt u een nieuwe."
    )


class MarkingWrong(Refusal):
    text = N_("Uw keuze klopt niet met het stembiljet. Kies opnieuw.")


class CheckpointUnreadable(Refusal):
    text = N_("Dit is geen controlepunt van een stembord. Kopieer het helemaal, ook de laatste regel.")


class CheckpointOther(Refusal):
    text = N_("Dit is het controlepunt van een andere stemming.")


class CheckpointForged(Refusal):
    text = N_(
        "De handtekening onder dit controlepunt klopt niet. Er is iets aan veranderd, of het is niet van dit stembord."
    )
