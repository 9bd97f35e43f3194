"""Administration: what the people of the shop do, each act allowed and written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from interfaces.audit import AuditEntry
from interfaces.errors import InvalidInputError
from interfaces.orders import Order, OrderNotFoundError, OrderStateError
from interfaces.payments import Payment, PaymentStateError
from interfaces.products import ProductNotFoundError
from interfaces.sign_in import PermissionDeniedError
from interfaces.stock import InsufficientStockError, StockLevel
from interfaces.tokens import Principal
from interfaces.values import Money, OrderId, Page, PaymentId, ProductId


@dataclass(frozen=True, slots=True)
class PriceChange:
    """A price to begin at a time."""

    product_id: ProductId
    price: Money
    valid_from: datetime


class IAdministration(Protocol):
    """Acts of clerks and administrators. Each asks the access policy first, and is in the audit log if and only if it was carried out.

    Dependencies:
        IAccessPolicy, IAuditLog, IPrices, IStock, IOrders, IPayments, IDatabase
    Configuration:
        none
    Publishes:
        nothing
    Consumes:
        nothing
    """

    def set_price(self, principal: Principal, change: PriceChange) -> None:
        """Let a price begin.

        Raises:
            PermissionDeniedError: the principal may not edit the catalogue.
            ProductNotFoundError: there is no such product.
            InvalidInputError: it would begin in the past, or is zero.
        """

    def adjust_stock(
        self, principal: Principal, product_id: ProductId, quantity: int, reason: str
    ) -> StockLevel:
        """Count pieces in or out.

        Raises:
            PermissionDeniedError: the principal may not adjust stock.
            InvalidInputError: the quantity is zero, or there is no reason.
            InsufficientStockError: more would leave than are available.
        """

    def ship_order(self, principal: Principal, order_id: OrderId, tracking_code: str) -> Order:
        """A paid order's parcel is on its way.

        Raises:
            PermissionDeniedError: the principal may not ship.
            InvalidInputError: there is no tracking code.
            OrderNotFoundError: there is none.
            OrderStateError: it is not paid, or was cancelled.
        """

    def cancel_order(self, principal: Principal, order_id: OrderId, reason: str) -> Order:
        """End a customer's order that has not been shipped.

        Raises:
            PermissionDeniedError: the principal may not cancel orders.
            OrderNotFoundError: there is none.
            OrderStateError: it was shipped.
        """

    def refund(self, principal: Principal, payment_id: PaymentId, amount: Money) -> Payment:
        """Give money back.

        Raises:
            PermissionDeniedError: the principal may not refund.
            PaymentStateError: less is left than is to go back.
            InvalidInputError: the currency is another, or the amount is zero.
        """

    def history(self, principal: Principal, subject: str, cursor: str = "") -> Page[AuditEntry]:
        """What was done to an order, a product or an account.

        Raises:
            PermissionDeniedError: the principal may not read the audit log.
        """
