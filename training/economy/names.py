"""Invented, plausible names of firms, by country and sector. Any likeness is chance."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from training.economy.world import COUNTRIES, SECTORS

# Trades in the order of SECTORS (A C F G H I J M N), then town halls, stems and endings of names.
_WORDS = {
    "fr": (
        "Domaine Ateliers Bâtiment Comptoir Transports Auberge Numérique Conseil Services Ville",
        "Mor Bel Car Lam Del Per Gau Rou Mar Fon Val Cham Bré Tour Gran",
        "van lier doux bert nay tin ssac reau dière court mont nel",
    ),
    "de": (
        "Agrar Metallbau Hochbau Handel Spedition Gasthof Software Beratung Dienste Gemeinde",
        "Brand Stein Hof Berg Lind Wald Eich Rott Kalt Weiss Ober Hart Kron Feld Alt",
        "ner mann hauser acher egger inger bach dorf heim stedt müller kamp",
    ),
    "it": (
        "Agricola Officine Costruzioni Commerciale Trasporti Locanda Informatica Studio Servizi "
        "Comune",
        "Bell Ross Mar Cast Ferr Gall Mor Pell Zan Vent Gar Bass Cor Lomb Tost",
        "andi etti ini oni elli aro ucci ano eri olo ato igo",
    ),
    "es": (
        "Agropecuaria Talleres Obras Comercial Transportes Hostal Sistemas Asesores Servicios "
        "Ayuntamiento",
        "Arri Mend Gar Ech Sal Urr Ibar Cast Zub Olm Bel Lar Mor Vill Cerv",
        "eta oza aga arte edo ena ola ero ales andia uela ado",
    ),
    "en": (
        "Farms Engineering Builders Supply Haulage Inns Software Consulting Services Council",
        "Harrow Ash Cedar Black Whit Stan North Elm Thorn Hart Mill Red Kings Brad Wood",
        "gate ley field worth ton well brook ford combe bury ridge dale",
    ),
    "nl": (
        "Agro Techniek Bouw Handel Transport Herberg Software Advies Diensten Gemeente",
        "Veld Hoog Kort Wester Dijk Meer Bos Noord Oud Groen Berg Water Riet Linde Hey",
        "huis stra man kamp sen ink horst dam veen laar beek hof",
    ),
    "pl": (
        "Agro Zakłady Budownictwo Handel Transport Zajazd Systemy Doradztwo Usługi Gmina",
        "Kow Now Wis Zie Maz Lew Bor Kal Jan Dąb Ryb Sob Gór Mal Zar",
        "alski acki niewski inski owski ecki elski anek czyk iński arski olski",
    ),
    "pt": (
        "Agrícola Oficinas Construções Comercial Transportes Pousada Sistemas Consultoria Serviços "
        "Município",
        "Carv Oliv Ferr Mont Silv Alm Barr Cast Mour Teix Fig Sob Per Rib Ser",
        "alho ira eiro enegro ares eida oso elo inho ueira ado ato",
    ),
    "sv": (
        "Skog Verkstad Bygg Handel Åkeri Värdshus System Rådgivning Service Kommun",
        "Lind Berg Ek Hall Nord Björk Sten Hag Ström Öst Väst Gran Holm Ask Alm",
        "ström qvist lund gren berg dal vall hult ås man ner mark",
    ),
}
_LANGUAGE = {"FR": "fr", "BE": "fr", "DE": "de", "CH": "de", "IT": "it", "ES": "es"} | {
    "GB": "en", "US": "en", "NL": "nl", "PL": "pl", "PT": "pt", "SE": "sv"
}  # fmt: skip
# Small company, large company, sole trader; a public body has none.
LEGAL_FORMS = {
    "FR": ("SARL", "SAS", "EI"),
    "DE": ("GmbH", "AG", "e.K."),
    "IT": ("S.r.l.", "S.p.A.", "D.I."),
    "ES": ("S.L.", "S.A.", "Autónomo"),
    "GB": ("Ltd", "PLC", "Sole trader"),
    "US": ("LLC", "Inc.", "Sole proprietor"),
    "NL": ("B.V.", "N.V.", "Eenmanszaak"),
    "BE": ("SRL", "SA", "EI"),
    "PL": ("Sp. z o.o.", "S.A.", "JDG"),
    "CH": ("GmbH", "AG", "Einzelfirma"),
    "PT": ("Lda.", "S.A.", "ENI"),
    "SE": ("AB", "AB (publ)", "EF"),
}
PUBLIC = len(SECTORS)  # the trade of a town hall


def names(
    country: NDArray[np.int64],
    trade: NDArray[np.int64],
    legal_form: pa.Array,
    rng: np.random.Generator,
) -> pa.Array:
    """One name each: trade, surname, legal form, in the language of the country."""
    words = [_WORDS[_LANGUAGE[c.code]] for c in COUNTRIES]
    trades, stems, endings = (np.array([line[part].split() for line in words]) for part in range(3))
    stem = rng.integers(stems.shape[1], size=len(country))
    ending = rng.integers(endings.shape[1], size=len(country))
    surname = pc.binary_join_element_wise(
        pa.array(stems[country, stem]), pa.array(endings[country, ending]), ""
    )
    return pc.binary_join_element_wise(
        pa.array(trades[country, trade]), surname, legal_form, " ", null_handling="skip"
    )
