"""PURE. Every refusal of the policy, named in one place."""

from ballots.refusals import Refusal
from ballots.words import N_


class FieldMissing(Refusal):
    """A form or draft lacks something; `values["fields"]` names it in the user's words."""

    text = N_("Dit is nog niet ingevuld: %(fields)s.")


class NeedsConsultation(Refusal):
    text = N_(
        "Wordt er meer dan %(limit)s gevraagd of toegekend? Dan kan dat niet zonder een geldige "
        "wijkraadpleging. Houd die eerst."
    )


class QuorumMissed(Refusal):
    text = N_(
        "De drempel is niet gehaald. Volgens de spelregels van deze wijkraadpleging kan er dan niets "
        "worden toegekend."
    )


class AboveConsulted(Refusal):
    text = N_("De wijkraadpleging ging over %(consulted)s. Een hoger bedrag kan niet worden toegekend.")


class AmountWrong(Refusal):
    text = N_("Vul een bedrag in dat groter is dan nul en niet boven € 1.000.000 ligt.")


class CannotHide(Refusal):
    text = N_("Over dit plan is al een wijkraadpleging vastgezet of beslist. Daarom blijft het te zien.")


class ReasonsNeeded(Refusal):
    text = N_(
        "Schrijf op waarom. Dat is verplicht bij een afwijzing, als u afwijkt van de uitslag, "
        "en als de drempel niet is gehaald."
    )


class NotPresent(Refusal):
    text = N_("Alleen wie aanwezig was, kan zich hebben teruggetrokken. Kijk naar: %(names)s.")


class NobodyDecides(Refusal):
    text = N_("Er is niemand die besliste. Kruis aan wie aanwezig was en niet opzij stapte.")


class CannotDecide(Refusal):
    text = N_(
        "Over dit plan kan nu niet worden beslist: er loopt een wijkraadpleging, of de beslissing is al genomen."
    )


class ConsultationExists(Refusal):
    text = N_("Voor dit plan is al een wijkraadpleging gemaakt, of er is al over beslist.")


class IsFrozen(Refusal):
    text = N_("Deze stemming is vastgezet. Wat bewoners zien, kan niet meer veranderen.")


class NotFrozen(Refusal):
    text = N_("Deze stemming is nog niet vastgezet.")


class SpecialsOpen(Refusal):
    text = N_("Beslis eerst over de bijzondere adressen. Er wachten er nog %(count)d.")


# The keys


class KeyholdersFew(Refusal):
    text = N_(
        "Er zijn drie sleutelhouders nodig. Er zijn er nu %(there)d met toegang. "
        "Vraag de beheerder om er meer toegang te geven."
    )


class KeyholdersNotThree(Refusal):
    text = N_("Kies voor elk blad iemand anders. Er zijn drie verschillende sleutelhouders nodig.")


class KeyholdersNeedless(Refusal):
    text = N_("Bij deze stemming bewaart de dienst de sleutel. Er zijn geen sleutelhouders.")


class SheetTaken(Refusal):
    text = N_("Deel %(part)d is al gedrukt voor %(name)s. Dat blad kan niet meer naar iemand anders.")


class NoSheetOfYours(Refusal):
    text = N_("Voor deze stemming bewaart u geen sleutelblad.")


class KeyholderChanged(Refusal):
    text = N_(
        "Uw toegang is nieuw of veranderd nadat dit sleutelblad aan u is gegeven. Vraag de gemeente om de bladen "
        "opnieuw te verdelen. U mag daarbij hetzelfde blad houden."
    )


class MixSheetSealed(Refusal):
    text = N_("Het blad van de mengsleutel zit al in de envelop. Er is maar één kopie.")


class MixSheetNotMade(Refusal):
    text = N_("Het blad van de mengsleutel is nog niet gemaakt. Druk het eerst.")


class KeysInUse(Refusal):
    text = N_("De sleutels zijn nog nodig. Vernietig de bladen pas als de uitslag is nagerekend.")


class NotAwarded(Refusal):
    text = N_("De regiegroep heeft voor dit plan nog geen voucher toegekend.")


class AlreadyGranted(Refusal):
    text = N_("Voor dit plan is al een beschikking gegeven.")


class GrantAboveAward(Refusal):
    text = N_("Het bedrag kan niet hoger zijn dan wat de regiegroep toekende.")


class AlreadyRedeemed(Refusal):
    text = N_("Voucher %(number)s is al verzilverd. Een voucher kan één keer worden verzilverd.")


class NothingToExport(Refusal):
    text = N_("Er is nog geen dossier. Dat komt er zodra de stemming is gesloten of ingetrokken.")


# Two people


class SamePerson(Refusal):
    text = N_("Dit hebt u zelf voorgesteld. Een collega van de gemeente moet het bevestigen.")


class ConfirmerNew(Refusal):
    text = N_(
        "U kreeg minder dan %(days)d dagen voor dit voorstel toegang, of een nieuw wachtwoord. Daarom moet een "
        "andere collega het bevestigen. Is die er niet? Trek het voorstel dan in. Stelt een collega het over "
        "%(days)d dagen opnieuw voor, dan kunt u het bevestigen."
    )


class ProposalWaits(Refusal):
    text = N_("Zo’n voorstel wacht al op een collega. Trek dat eerst in, of laat het bevestigen.")


class ProposalDone(Refusal):
    text = N_("Dit voorstel is al bevestigd of ingetrokken.")


class ProposalStale(Refusal):
    text = N_("Dit voorstel is vervallen: de stemming is intussen voorbij of ingetrokken.")


class AddressKnown(Refusal):
    text = N_(
        "Deze adressen staan al op de lijst: %(addresses)s. Zoek het adres op en geef het daar een brief erbij."
    )


# The address list (roll)


class RollNotCsv(Refusal):
    text = N_(
        "Wij kunnen %(name)s niet lezen. Sla het bestand op als CSV: open het in uw rekenprogramma, kies "
        "Opslaan als, en kies CSV UTF-8. In de eerste rij staan de namen van de kolommen."
    )


class RollColumnsMissing(Refusal):
    text = N_(
        "In dit bestand ontbreken kolommen: %(columns)s. Zet in de eerste rij de namen van de kolommen, "
        "en kies het bestand opnieuw."
    )


class RollColumnTwice(Refusal):
    text = N_(
        "De kolom %(column)s staat twee keer in dit bestand. Haal er één weg, en kies het bestand opnieuw."
    )


class RollEmpty(Refusal):
    text = N_("In dit bestand staan geen adressen. Kies een CSV-bestand met op elke rij een adres.")


class RollTooLong(Refusal):
    text = N_("In dit bestand staan meer dan %(most)d rijen. Haal de adressen buiten de wijk eruit.")


class RollFaulty(Refusal):
    text = N_(
        "Deze adressenlijst heeft fouten. Er is niets veranderd. Verbeter het bestand en kies het opnieuw."
    )


class RollNothingWaiting(Refusal):
    text = N_("Er staat geen adressenlijst klaar. Kies eerst een bestand.")


class RollChanged(Refusal):
    text = N_(
        "Een collega koos ondertussen een ander bestand. Er is niets veranderd. Bekijk dat bestand eerst."
    )


class RollFrozen(Refusal):
    text = N_("Deze stemming ligt vast. De adressen kunnen niet meer veranderen.")


class LettersWrong(Refusal):
    text = N_("Kies een aantal brieven van 0 tot en met %(most)d. Bij 0 doet het adres niet mee.")


class AddressReasonMissing(Refusal):
    text = N_("Schrijf op waarom. Dan begrijpt een collega uw besluit later ook.")


# Staff


class EmailWrong(Refusal):
    text = N_("Dit e-mailadres klopt niet. Schrijf het zo: naam@voorbeeld.nl.")


class EmailTaken(Refusal):
    text = N_("Met dit e-mailadres heeft iemand al toegang. Kies een ander e-mailadres.")


class WijkMissing(Refusal):
    text = N_("Iemand van een regiegroep hoort bij één wijk. Kies de wijk.")


class WijkNeedless(Refusal):
    text = N_("Alleen iemand van een regiegroep hoort bij één wijk. Kies geen wijk.")


class WijkElsewhere(Refusal):
    text = N_("Deze wijk hoort bij een andere gemeente. Kies een wijk van deze gemeente.")


class NotYourself(Refusal):
    text = N_("U kunt uw eigen toegang niet stopzetten of opnieuw instellen. Vraag een andere beheerder.")


class PasswordShort(Refusal):
    text = N_("Dit wachtwoord is te kort. Kies minstens %(least)d tekens, bijvoorbeeld vier losse woorden.")


class PasswordGuessable(Refusal):
    text = N_(
        "Dit wachtwoord is makkelijk te raden. Gebruik niet alleen uw naam of e-mailadres, en niet steeds "
        "hetzelfde teken. Kies bijvoorbeeld vier losse woorden."
    )


class CodeWrong(Refusal):
    text = N_(
        "Deze code klopt niet. Vul de zes cijfers in die nu in uw app staan. "
        "Lukt het niet? Kijk dan of de klok van uw telefoon goed staat."
    )


class NotRecognised(Refusal):
    """The one answer to an unknown address, a wrong password, a wrong or used code, and a locked account."""

    text = N_(
        "Uw e-mailadres, wachtwoord of code klopt niet. Probeer het opnieuw met een nieuwe code uit uw app. "
        "Na vijf keer is inloggen een kwartier niet mogelijk, ook niet met de goede gegevens."
    )


class InvitationOver(Refusal):
    text = N_(
        "Deze uitnodiging werkt niet meer: zij is gebruikt, verlopen of vervangen door een nieuwe. "
        "Vraag uw beheerder om een nieuwe uitnodiging."
    )


class DemoLinkOver(Refusal):
    text = N_(
        "Deze link werkt niet meer: hij is gebruikt of verlopen. "
        "Kies op de pagina van de demo een nieuwe link."
    )


class NameTaken(Refusal):
    text = N_("De naam %(name)s is al gebruikt, of is geen goede naam.")


class TownUnknown(Refusal):
    text = N_("De gemeente %(name)s is er niet. Voeg haar toe met: flask town add")


class UrlWrong(Refusal):
    text = N_("Het webadres moet beginnen met https:// en eindigt zonder schuine streep.")


class ColourWrong(Refusal):
    text = N_("De kleur is een hekje met zes tekens, bijvoorbeeld #1f5c48.")


class ThemeUnreadable(Refusal):
    text = N_("Dit bestand is geen thema. Kies een stylesheet (.css) van ten hoogste 512 KB.")


class ThemeEmpty(Refusal):
    text = N_(
        "In dit bestand staat geen kleur of lettertype dat wij kennen. Op /stijl staat welke namen wij gebruiken, "
        "bijvoorbeeld --basis-color-action-1-inverse-bg-default."
    )


class ThemeWrong(Refusal):
    text = N_(
        "Dit kunnen wij niet overnemen: %(name)s: %(value)s. Een kleur is een hekje met zes tekens, en tekst "
        "verschilt duidelijk van de kleur eronder: contrast 4,5 of meer."
    )


class LetterElsewhere(Refusal):
    text = N_("Deze brief hoort bij een andere stemming. Ga terug en kies eerst die stemming.")


class PlanHidden(Refusal):
    text = N_("Dit plan staat niet op de website. Zet het eerst terug.")


class DraftChanged(Refusal):
    text = N_("Iemand heeft intussen iets veranderd. Kijk alles nog een keer na en zet het daarna vast.")


class LettersNotMade(Refusal):
    text = N_("De brieven zijn nog niet gemaakt. Maak eerst de PDF en laat die drukken.")


class BatchUnknown(Refusal):
    text = N_("Deze partij brieven bestaat niet.")


class BatchesWait(Refusal):
    text = N_("Nog niet elke partij is gemaakt. Maak eerst ook de andere: %(which)s.")


class BatchesPrinted(Refusal):
    text = N_(
        "Er zijn al brieven voor de drukker gemaakt. Alle brieven moeten gelijk zijn: dit kan niet meer anders."
    )


class ControlFull(Refusal):
    text = N_("U hebt al %(most)d controlebrieven. Meer zijn er niet nodig.")


class ControlGone(Refusal):
    text = N_("Deze controlebrief bestaat niet.")


class ControlsMissing(Refusal):
    text = N_("Er zijn nog geen controlebrieven. Voeg eerst een vrijwilliger toe.")


class ArrivedWhen(Refusal):
    text = N_("Kies een dag na het vastzetten, en niet later dan vandaag.")


class PieceNotNow(Refusal):
    text = N_("Dit drukwerk past niet bij waar de stemming nu staat.")


class PieceTooLong(Refusal):
    text = N_("De teksten passen niet op dit drukwerk. Maak de vraag, de titel of de argumenten korter.")


class LettersPrinted(Refusal):
    text = N_(
        "Het drukken is al bevestigd en de codes zijn daarna vernietigd. "
        "Deze brieven kunnen niet opnieuw worden gemaakt."
    )


class SignersMissing(Refusal):
    text = N_(
        "Onder de brief staan de namen van de regiegroep. Geef eerst een lid van de regiegroep toegang."
    )


# Points and arguments


class PointsDayWrong(Refusal):
    text = N_("Kies een dag die nog komt, hoogstens %(most)d dagen vooruit.")


class PointsNotAsked(Refusal):
    text = N_(
        "U kunt over dit plan nu geen punt sturen. De laatste dag daarvoor is voorbij, of moet nog komen."
    )


class PointsFull(Refusal):
    text = N_(
        "Vandaag kwamen er al %(most)d punten binnen. Meer kunnen er op één dag niet bij. Stuur uw punt morgen."
    )


class PointsOpen(Refusal):
    text = N_("Bewoners kunnen nog punten sturen. Zet de wijkraadpleging pas daarna vast.")


class PointMissing(Refusal):
    text = N_("Hier staat nog niets. Schrijf eerst een punt op.")


class PointLong(Refusal):
    text = N_("Dit zijn %(length)d tekens. Gebruik er hoogstens %(most)d.")


class PointTwice(Refusal):
    text = N_("Dit punt staat er twee keer: “%(text)s”. Maak er één van.")


class WroteArguments(Refusal):
    text = N_("U schreef zelf mee aan de argumenten. Iemand anders moet zeggen of ze eerlijk zijn.")


class OfASide(Refusal):
    text = N_("U dient dit plan zelf in. Iemand die niet voor of tegen schreef, moet de argumenten nakijken.")


class ArgumentsUnfair(Refusal):
    text = N_("De argumenten zijn nog niet klaar. Nodig: %(lacking)s.")


class AnswersMissing(Refusal):
    text = N_("Geef bij elk van deze punten antwoord: %(points)s.")


class TickFailed(Refusal):
    text = N_(
        "Er ging iets mis dat de dienst niet kent. Het staat in het logboek. De andere stemmingen gaan door, "
        "en bij de volgende keer probeert de dienst het opnieuw."
    )


# Plans that are handed in


class PhotoHeic(Refusal):
    text = N_(
        "Deze foto is van het soort HEIC of AVIF. Dat kunnen niet alle telefoons laten zien. Bewaar de foto als "
        "JPEG, of maak er een schermafdruk van."
    )


class PhotoUnknown(Refusal):
    text = N_("Dit bestand is geen foto die wij kunnen lezen. Kies een JPEG, PNG of WebP.")


class PhotoHuge(Refusal):
    text = N_("Deze foto is te groot. Kies een foto van hoogstens 20 MB, of maak er een schermafdruk van.")


class PhotoSmall(Refusal):
    text = N_("Deze foto is te klein. Kies een foto van minstens %(least)d bij %(least)d beeldpunten.")


class PhotoBroken(Refusal):
    text = N_("Deze foto is niet heel aangekomen. Kies haar nog een keer, of kies een andere foto.")


class PhotosFull(Refusal):
    text = N_("Er staan al %(most)d foto’s bij. Haal er eerst een weg.")


class AltMissing(Refusal):
    text = N_("Schrijf bij de foto in één zin wat erop te zien is.")


class PlanTakenUp(Refusal):
    text = N_(
        "Uw plan is al in behandeling en kan niet meer veranderen. Wilt u toch iets anders? Neem contact op met "
        "de gemeente."
    )


class PlanWithdrawn(Refusal):
    text = N_("Dit plan is ingetrokken door wie het indiende.")


class TooEarly(Refusal):
    text = N_("Dit kan pas als de gemeente geld voor uw plan heeft gegeven.")


class StoryWaits(Refusal):
    text = N_("Wat u instuurde, wacht nog op de gemeente. Daarna kunt u iets nieuws sturen.")


class StoryGone(Refusal):
    text = N_("Dit verhaal is al bekeken door een collega. Laad de pagina opnieuw.")
