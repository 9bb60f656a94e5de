"""Names of firms as they are compared: no accents, case, punctuation, legal form."""

import pyarrow as pa
import pyarrow.compute as pc

# Without accents, dots and case: the forms of the countries whose firms are commonest here.
LEGAL_FORMS = """
    sarl sas sasu sa eurl snc sca scop ei eirl sci gmbh ag kg ohg ug ek ev mbh co srl spa sapa
    sl sau slu sll ltd limited plc llp lp llc inc incorporated corp corporation company bv nv vof
    sprl scrl asbl sp zoo jdg lda unipessoal ab hb publ oy oyj as asa aps di eni
""".split()  # noqa: SIM905
FORMS = r"\b(?:" + "|".join(LEGAL_FORMS) + r"|z\s?oo|z\s?o\s?o)\b"


def fold(text: pa.Array) -> pa.Array:
    """Lower case, without accents."""
    apart = pc.utf8_normalize(pc.utf8_lower(text), form="NFKD")
    return pc.replace_substring_regex(apart, r"\p{Mn}", "")


def plain(name: str) -> str:
    """A name as names are compared; one of legal forms alone stays.

    >>> plain("Société Générale d'Électricité, S.A.R.L.")
    'societe generale delectricite'
    >>> plain("Zakłady Dąbski Sp. z o.o."), plain("S.A.")
    ('zakłady dabski', 'sa')
    """
    return str(plain_names(pa.array([name]))[0].as_py())


def plain_names(names: pa.Array) -> pa.Array:
    """`plain` of each name."""
    undotted = pc.replace_substring_regex(fold(names), r"[.'’]", "")
    words = _spaced(pc.replace_substring_regex(undotted, r"[^\p{L}\p{N}]+", " "))
    bare = _spaced(pc.replace_substring_regex(words, FORMS, " "))
    return pc.if_else(pc.equal(bare, ""), words, bare)


def _spaced(text: pa.Array) -> pa.Array:
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(text, r"\s+", " "))
