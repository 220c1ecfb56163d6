"""Equal Shares in Dutch: who paid what, who went before whom, why it stopped; and a real count."""

import pytest

from ballots import explain
from ballots.counting.equal_shares import Completion, EqualSharesRule, Utility
from ballots.paper import Option
from tests.ballots.explained import FILES, UNSPENT, counted, more, of_file, paper, plain, why


def test_equal_shares_tell_who_paid_what() -> None:
    question = paper(Option("a", "Bomen", 15), Option("b", "Banken", 16), Option("c", "Feest", 30))
    outcome = counted(question, EqualSharesRule(40, Utility.COST, Completion.NONE, 1), a_b=2, a=1, b_c=1)
    result = explain.result(outcome, question, money=lambda amount: f"€ {amount}")
    assert outcome.winners == ("a", "b")
    assert why(result, "Bomen") == "3 mensen betaalden elk € 5."
    assert more(result, "Bomen") == ""
    assert why(result, "Banken") == "3 mensen betaalden elk € 6, of wat zij nog over hadden."
    assert more(result, "Banken") == (
        "1 persoon betaalde € 6. 2 mensen hadden minder over en betaalden dat: samen € 10. € 6 + € 10 = € 16."
    )
    assert why(result, "Feest") == "1 persoon had nog € 4: € 26 te weinig."
    assert more(result, "Feest") == (
        "Deze persoon had in het begin € 10. Daarvan ging € 6 naar andere plannen. Over: € 4."
    )
    assert plain(result.how[0]) == (
        "Er was € 40 en er stemden 4 mensen. Dat geld is in gedachten gelijk verdeeld: "
        "elke stemmer kreeg € 10 te besteden aan de plannen van zijn of haar keuze. Niemand betaalde met eigen geld."
    )
    assert result.example == ()  # nobody won with fewer votes than somebody lost with


def test_equal_shares_show_that_fewer_votes_may_be_enough() -> None:
    question = paper(Option("a", "Bomen", 10), Option("b", "Banken", 39), Option("c", "Feest", 60))
    outcome = counted(question, EqualSharesRule(60, Utility.COST, Completion.NONE, 1), a=1, b=3, c=2)
    result = explain.result(outcome, question, money=lambda amount: f"€ {amount}")
    assert outcome.winners == ("a",)
    assert [plain(sentence) for sentence in result.example] == [
        "“Bomen” (1 stem, € 10): de ene persoon die het koos, kon dat betalen.",
        "“Feest” (2 stemmen, € 60): ieder moest € 30 betalen. Zoveel had niemand. Samen hadden zij nog € 20: "
        "€ 40 te weinig.",
    ]
    assert result.how[-1] == "Zo won hier een plan met 1 stem, en een plan met 2 niet. Dat kwam zo:"
    assert [row.label for row in result.rows] == ["Bomen", "Banken", "Feest"]
    assert {row.place for row in result.rows} == {None}  # a number would seem to say who is chosen


@pytest.mark.parametrize(
    ("utility", "costs", "votes", "told"),
    [
        (  # the closest pair of four, and of two equally close ones the dearest winner
            Utility.COST,
            {"a": 10, "b": 30, "c": 40, "d": 61, "e": 101},
            {"a": 2, "b": 5, "c": 5, "d": 6, "e": 10},
            [
                "“C” (5 stemmen, € 40): ieder moest € 8 betalen. Dat konden zij allemaal.",
                "“D” (6 stemmen, € 61): ieder moest ongeveer € 10 betalen. Zoveel had niemand. "
                "Samen hadden zij nog € 60: € 1 te weinig.",
            ],
        ),
        (  # one supporter of the winner could not pay as much as the other
            Utility.COST,
            {"a": 14, "b": 20, "c": 24},
            {"a_b": 1, "a": 1, "b_c": 2, "b": 1, "c": 1},
            [
                "“A” (2 stemmen, € 14): zij konden dat samen betalen. Wie genoeg had, betaalde € 9; wie minder had, "
                "betaalde dat.",
                "“C” (3 stemmen, € 24): ieder moest € 8 betalen. Niet iedereen had dat nog, want er was al betaald "
                "voor andere plannen. Toen “A” aan de beurt was, hadden zij samen al te weinig. "
                "Aan het eind hadden zij samen nog € 20: € 4 te weinig.",
            ],
        ),
        (  # they could have paid, but it was not their turn yet
            Utility.COST,
            {"a": 27, "b": 16, "c": 16},
            {"a_b": 2, "a": 2, "c": 1, "b_c": 1},
            [
                "“C” (2 stemmen, € 16): ieder moest € 8 betalen. Dat konden zij allemaal.",
                "“B” (3 stemmen, € 16): ieder moest ongeveer € 5 betalen. Niet iedereen had dat nog, want er was al "
                "betaald voor andere plannen. Daardoor telden zij samen maar voor 1,6 stemmers: minder dan 2. Dus "
                "ging “C” voor. Op dat moment hadden zij samen nog wel genoeg: € 16. Maar ook van hen betaalden mensen "
                "mee aan “C”. Daarna hadden zij samen nog € 8: te weinig. "
                "Aan het eind hadden zij samen nog € 8: € 8 te weinig.",
            ],
        ),
        (  # by number the cheaper one comes first anyhow
            Utility.NUMBER,
            {"a": 6, "b": 8, "c": 24},
            {"a": 1, "a_c": 1, "b_c": 2},
            [
                "“B” (2 stemmen, € 8): ieder moest € 4 betalen. Dat konden zij allemaal.",
                "“C” (3 stemmen, € 24): ieder moest € 8 betalen. Niet iedereen had dat nog, want er was al betaald "
                "voor andere plannen. Aan het eind hadden zij samen nog € 19: € 5 te weinig.",
            ],
        ),
    ],
)
def test_the_pair_that_is_explained_is_the_hardest_one(
    utility: Utility, costs: dict[str, int], votes: dict[str, int], told: list[str]
) -> None:
    question = paper(*(Option(id, id.upper(), cost) for id, cost in costs.items()))
    rule = EqualSharesRule(10 * sum(votes.values()), utility, Completion.NONE, 1)
    outcome = counted(question, rule, **votes)
    result = explain.result(outcome, question, money=lambda amount: f"€ {amount}", rule=rule)
    assert [plain(sentence) for sentence in result.example] == told


def test_one_step_more_names_who_comes_in_and_who_goes_out_with_the_reason() -> None:
    costs = {"a": 23, "b": 8, "c": 8, "d": 13}
    question = paper(*(Option(id, id.upper(), cost) for id, cost in costs.items()))
    rule = EqualSharesRule(36, Utility.NUMBER, Completion.ADD1, 1)
    outcome = counted(question, rule, c=1, a_b=1, a_d=2, b=1, a=1)
    result = explain.result(outcome, question, money=lambda amount: f"€ {amount}", rule=rule)
    assert plain(result.left_why[1]) == (
        "Nog € 1 meer voor ieder kon niet. Dan kosten de gekozen plannen samen € 39: meer dan de € 36 die er is. "
        "Daarom is dit de laatste telling. Het wordt dan te duur, doordat “A” vóór “D” gaat. De mensen die erop "
        "stemden, hebben dan nog niet betaald voor dat plan en de plannen daarna. Zij kunnen het samen betalen. De "
        "mensen die op “C” stemden, hebben dan samen wel genoeg. De mensen die op “D” stemden, hebben dan juist samen "
        "te weinig over."
    )
    assert "Daardoor werd het voor de anderen duurder, en ging “D” voor." in result.example[1]


def test_shares_that_no_coin_can_pay_are_rounded_and_say_so() -> None:
    question = paper(Option("a", "Bomen", 10_00))
    outcome = counted(question, EqualSharesRule(10_00, Utility.COST, Completion.NONE, 1), a=3)
    result = explain.result(outcome, question)
    assert why(result, "Bomen") == "3 mensen betaalden elk ongeveer € 3,33."
    assert plain(result.how[0]).endswith("Niemand betaalde met eigen geld.")
    assert "kreeg ongeveer € 3,33 te besteden" in plain(result.how[0])


def test_the_share_of_who_voted_blanco_is_told() -> None:
    question = paper(Option("a", "Bomen", 25), Option("b", "Banken", 30))
    rule = EqualSharesRule(40, Utility.COST, Completion.ADD1, 1)
    for votes, told in (({"a": 2, "b": 2, "blanco": 2}, True), ({"a": 2, "b": 2}, False)):
        result = explain.result(counted(question, rule, **votes), question, rule=rule)
        said = " ".join(sentence for chapter in result.course for sentence in chapter.sentences)
        assert "meer te besteden, en is steeds opnieuw geteld" in said
        assert ("wie blanco stemde, had dat bedrag" in said) is told


@pytest.mark.skipif(not FILES.is_dir(), reason="the Pabulib files are not here")
def test_assen_reads_well() -> None:
    result = of_file("Netherlands_Assen_2024.pb")
    assert result.headline == "9 van de 14 plannen krijgen geld."
    assert [plain(sentence) for sentence in result.how] == [
        "Er was € 100.000 en er stemden 84 mensen. Dat geld is in gedachten gelijk verdeeld: elke "
        "stemmer kreeg ongeveer € 1.190 te besteden aan de plannen van zijn of haar keuze. "
        "Niemand betaalde met eigen geld.",
        (
            "De plannen komen één voor één aan de beurt. Een plan wordt gekozen als de mensen die erop stemden het "
            "dan samen kunnen betalen. Ieder betaalt evenveel. Wie minder over heeft, betaalt wat er nog is; de "
            "anderen betalen dan wat meer. Wie meebetaalt aan een plan, heeft minder over voor het volgende."
        ),
        (
            "Het plan met de meeste stemmers is het eerst aan de beurt. Na elke keuze wordt opnieuw gekeken. Wie voor "
            "een plan minder kan betalen dan de anderen, telt daarbij maar voor een deel mee. Zo'n plan kan dan later "
            "aan de beurt komen. Kunnen de stemmers het samen niet betalen, dan wordt het plan overgeslagen."
        ),
        (
            "Zo bleef er eerst geld over: wat nog niet gekozen was, was te duur voor de mensen die erop stemden. "
            "Daarom is steeds opnieuw geteld, elke keer met € 1 meer voor ieder. Alleen de laatste telling "
            "geldt: daarin had ieder ongeveer € 2.033. Al die bedragen samen zijn meer dan er is. Dat kan, want het "
            "blijft geld in gedachten: niet alles wordt besteed, en de gekozen plannen mogen samen nooit meer "
            "kosten dan € 100.000. De 9 gekozen plannen kosten samen € 76.700."
        ),
        (
            "De meeste stemmen zijn niet altijd genoeg. Weinig mensen kunnen samen een goedkoop plan "
            "betalen; voor een duur plan zijn er veel nodig."
        ),
        "Zo won hier een plan met 24 stemmen, en een plan met 25 niet. Dat kwam zo:",
    ]
    assert [plain(sentence) for sentence in result.example] == [
        "“Muziekproductie studio” (24 stemmen, € 15.000): ieder moest € 625 betalen. Dat konden zij allemaal.",
        "“Crossbaan in Peelo” (25 stemmen, € 40.000): ieder moest € 1.600 betalen. Niet iedereen had dat nog, want "
        "er was al betaald voor andere plannen. Daardoor telden zij samen maar voor 22,7 stemmers: minder dan 24. Dus "
        "ging “Muziekproductie studio” voor. Op dat moment hadden zij samen nog wel genoeg: € 42.667. Maar ook van hen "
        "betaalden mensen mee aan “Muziekproductie studio”. Daarna hadden zij samen nog € 38.917: te weinig. Aan "
        "het eind hadden zij in gedachten nog € 35.085: € 4.915 te weinig.",
    ]
    assert why(result, "RuBox") == (
        "10 mensen hadden samen nog € 11.680: € 320 te weinig. Er is wel genoeg geld over. Maar dat mag er niet bij: "
        "de mensen die op een plan stemden, moeten het samen betalen."
    )
    assert why(result, "Crossbaan in Peelo") == (  # it costs more than what is left
        "25 mensen hadden in gedachten samen nog € 35.085: € 4.915 te weinig."
    )
    assert more(result, "RuBox") == (
        "In het begin hadden zij elk ongeveer € 2.033: samen € 20.335. "
        "Daarvan ging € 8.655 naar andere plannen die zij kozen. Over: € 11.680."
    )
    assert [plain(sentence) for sentence in result.left_why] == [
        "Er is geld over. Dat gaat niet vanzelf naar een plan dat erin past: de mensen die erop stemden, moeten het "
        "samen kunnen betalen. Zo was het vooraf afgesproken.",
        "Nog € 1 meer voor ieder kon niet. Dan kosten de gekozen plannen samen € 105.700: meer dan de € 100.000 die er "
        "is. Daarom is dit de laatste telling. Het wordt dan te duur, doordat “Crossbaan in Peelo” vóór “Go-Zero "
        "kroegentocht” gaat. De mensen die erop stemden, hebben dan nog niet betaald voor dat plan en de plannen "
        "daarna. Zij kunnen het samen betalen. In deze telling ging “Go-Zero kroegentocht” net voor: zij telden toen "
        "samen voor 23,99 stemmers. De mensen die op “Snelheidsregeling” stemden, hebben dan juist samen te weinig "
        "over.",
        UNSPENT,
    ]
    (course,) = result.course
    assert course.folded
    assert "843 keer € 1 meer te besteden" in plain(" ".join(course.sentences))
    assert course.table
    assert [plain(cell.text) for cell in course.table.rows[1]] == [
        "2. Jongerenplatform",
        "€ 500",
        "€ 71.800",
    ]


@pytest.mark.parametrize(
    ("utility", "turn"),
    [
        (Utility.NUMBER, "waarvoor ieder het minst hoeft te betalen"),
        (Utility.COST, "Het plan met de meeste stemmers is het eerst aan de beurt."),
    ],
)
def test_equal_shares_that_bought_nothing_say_whose_turn_it_was(utility: Utility, turn: str) -> None:
    question, chosen = paper(Option("a", "Bomen", 30)), EqualSharesRule(20, utility, Completion.NONE, 1)
    outcome = counted(question, chosen, a=2)
    assert not outcome.winners
    assert turn in " ".join(explain.result(outcome, question, rule=chosen).how)
